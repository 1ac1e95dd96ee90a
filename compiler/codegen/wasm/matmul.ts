/**
 * Matrix products with an epilogue: dot products where rows are few and the right
 * operand is transposed, otherwise the blocked product.
 */
import type { MatmulKernel } from "../../select/kernel.js";
import type { FunctionBuilder } from "./encoder/function.js";
import { i32 } from "./encoder/operators.js";
import { scratchLayout, notShared, type KernelCall, type KernelCode } from "./kernel-code.js";
import {
  blocking,
  directTiles,
  packedBytes,
  packedLeftBytes,
  writeProduct,
  type RightOperand,
} from "./product/blocked.js";
import { writeDotProduct } from "./product/dot.js";
import { writeEpilogue, type EpilogueRows } from "./product/epilogue.js";
import { packRows, packTransposed } from "./product/pack.js";
import { floats } from "./product/tile.js";
import { operationCount } from "../expressions.js";
import { vectorLanes } from "./vectors.js";
import { all, share } from "./work.js";

/** Up to so many rows, dot products are faster than packing a transposed operand. */
const dotRows = 8;
/** A right operand of this size stays in the first-level cache and is never packed. */
const directBytes = 16 * 1024;

export function matmul(spec: MatmulKernel): KernelCode {
  const { m, n, k, epilogue } = spec;
  const usesDot = spec.transposeRight && !spec.transposeLeft && m <= dotRows;
  const blocks = blocking(m, n, k, vectorLanes);
  const isDirect = !spec.transposeRight && (blocks.rowTiles <= directTiles || floats(k * n) <= directBytes);
  const scratch = scratchLayout();
  const packed = scratch.reserve(usesDot || isDirect ? 0 : packedBytes(blocks));
  const [leftRow, leftDepth] = spec.transposeLeft ? [1, m] : [k, 1];
  const packedLeft = scratch.reserve(usesDot ? 0 : packedLeftBytes(blocks, leftDepth));

  const write = (f: FunctionBuilder, call: KernelCall): void => {
    const [left, right] = [call.inputs[0]!, call.inputs[1]!];
    const output = call.outputs[0]!;
    const rows = epilogue && epilogueRows(spec, call);
    const { relaxed } = call.environment;
    if (usesDot) {
      const groups = share(f, call, Math.ceil(n / vectorLanes));
      writeDotProduct(f, { rows: m, columns: n, depth: k, left, right, output, groups, relaxed });
      if (rows) {
        const [fromColumn, toColumn] = [groups.from, groups.to].map((group) =>
          i32.multiply(group, vectorLanes),
        );
        const finished = { row: i32.constant(0), rows: m, fromColumn: fromColumn!, toColumn: toColumn! };
        writeEpilogue(f, rows, finished, call.environment);
      }
      return;
    }
    const rightOperand = (): RightOperand => {
      if (isDirect) return { kind: "direct", address: right, depthStride: n, isPadded: false };
      const pack = spec.transposeRight ? packTransposed : packRows;
      const address = f.keep(i32.add(call.scratch, packed));
      return {
        kind: "panels",
        scratch: address,
        pack: (block) => {
          pack(f, right, spec.transposeRight ? k : n, n, address, block);
        },
      };
    };
    const byColumns = blocks.panels >= blocks.rowTiles;
    writeProduct(f, {
      rows: m,
      columns: n,
      depth: k,
      blocking: blocks,
      left: {
        address: left,
        rowStride: leftRow,
        depthStride: leftDepth,
        scratch: f.keep(i32.add(call.scratch, packedLeft)),
      },
      right: rightOperand(),
      output: { address: output, rowStride: n },
      accumulate: 0,
      tileRange: byColumns ? all(blocks.rowTiles) : share(f, call, blocks.rowTiles),
      panelRange: byColumns ? share(f, call, blocks.panels) : all(blocks.panels),
      finish:
        rows &&
        ((finished) => {
          writeEpilogue(f, rows, finished, call.environment);
        }),
      relaxed,
    });
  };

  return {
    inputs: 2 + (epilogue?.operands.length ?? 0),
    outputs: 1,
    sharing: notShared,
    scratchBytes: scratch.total(),
    flops: 2 * m * n * k + m * n * (epilogue ? operationCount(epilogue.expression) : 0),
    write,
  };
}

function epilogueRows({ n, epilogue }: MatmulKernel, call: KernelCall): EpilogueRows | null {
  if (!epilogue) return null;
  return {
    expression: epilogue.expression,
    output: call.outputs[0]!,
    rowStride: n,
    columns: n,
    firstElement: i32.constant(0),
    operands: epilogue.operands.map(({ dataType, strides }, index) => ({
      dataType,
      address: call.inputs[2 + index]!,
      rowStride: strides[0]!,
      stride: strides[1]!,
    })),
  };
}
