/**
 * What is done to finished elements of a product: an expression over rows of the output,
 * in place, while they are still in the first-level cache.
 *
 * Invariant: code for the expression is written once per row shape, not once per
 * register tile, so long expressions neither spill the tile nor swell the module.
 */
import type { Expression } from "../../../../runtime/program/expression.js";
import { InternalError } from "../../../diagnostics/invariant.js";
import { callValue, type FunctionBuilder } from "../encoder/function.js";
import { i32, i32x4 } from "../encoder/operators.js";
import type { I32 } from "../encoder/value.js";
import type { KernelEnvironment } from "../kernel-code.js";
import { rowReader, type RowOperand } from "../rows.js";
import { vectorExpressions } from "../vector-expression.js";
import { floatBytes, laneNumbers, loadLanes, storeLanes, vectorBytes, vectorLanes } from "../vectors.js";
import { elementAddress, type FinishedRows } from "./blocked.js";

export interface EpilogueRows {
  readonly expression: Expression;
  /** The output's row 0, its row stride in elements, and its number of columns. */
  readonly output: I32;
  readonly rowStride: number;
  readonly columns: number;
  /** The row-major position of the output's row 0 in the whole tensor, for random numbers. */
  readonly firstElement: I32;
  /** Addresses are those of row 0. */
  readonly operands: readonly (RowOperand & { readonly rowStride: number })[];
}

/** Applies the expression to columns of some rows. */
export function writeEpilogue(
  f: FunctionBuilder,
  epilogue: EpilogueRows,
  { row, rows, fromColumn, toColumn }: FinishedRows,
  environment: KernelEnvironment,
): void {
  const { columns, expression } = epilogue;
  const rest = columns % vectorLanes;
  const whole = columns - rest;
  f.range(0, rows, 1, (index) => {
    const current = f.keep(i32.add(row, index));
    const output = f.keep(elementAddress(epilogue.output, [current, epilogue.rowStride]));
    const readers = epilogue.operands.map((operand) => {
      const address = f.keep(elementAddress(operand.address, [current, operand.rowStride]));
      return rowReader(f, { ...operand, address });
    });
    const vector = (byteOffset: I32, lanes: number): void => {
      const place = f.keep(i32.add(output, byteOffset));
      const [result] = vectorExpressions(f, [expression], {
        input: (input) => (input === 0 ? loadLanes(place, lanes) : readers[input - 1]!(byteOffset, lanes)),
        reduced: () => unsupported("a reduction"),
        coordinate: () => unsupported("a coordinate"),
        random: (stream, offset) => {
          const position = i32.add(i32.multiply(current, epilogue.rowStride), i32.shiftRight(byteOffset, 2));
          const element = i32.add(i32.add(epilogue.firstElement, position), offset);
          return callValue(environment.random(), "v128", [
            i32x4.add(i32x4.splat(element), laneNumbers),
            i32.constant(stream),
          ]);
        },
      });
      storeLanes(f, place, result!, lanes);
    };
    const end = i32.multiply(i32.minimum(toColumn, whole), floatBytes);
    f.range(i32.multiply(fromColumn, floatBytes), end, vectorBytes, (byteOffset) => {
      vector(byteOffset, vectorLanes);
    });
    if (rest > 0) {
      f.if(i32.greater(toColumn, whole), () => {
        vector(i32.constant(whole * floatBytes), rest);
      });
    }
  });
}

function unsupported(what: string): never {
  throw new InternalError(`${what} in the epilogue of a product`);
}
