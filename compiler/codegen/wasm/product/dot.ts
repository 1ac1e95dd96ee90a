/**
 * Products of few rows with a transposed right operand, output[m, n] = left[m, k] *
 * right[n, k]^T: dot products along contiguous rows, four columns at once, with nothing
 * packed. At batch 1 the weights are read once, at the speed of memory.
 *
 * Invariant: every element is the sum over four lanes of strided partial sums, each in chains
 * (see partial-sums.ts), combined always in the same way.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32 } from "../encoder/operators.js";
import type { I32, Local, V128 } from "../encoder/value.js";
import type { WorkRange } from "../work.js";
import { sumInChains } from "../partial-sums.js";
import { loadLanes, storeLanes, transpose4, vectorBytes, vectorLanes } from "../vectors.js";
import { elementAddress } from "./blocked.js";
import { floats, multiplyAdd } from "./tile.js";

export interface DotProduct {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: I32;
  readonly right: I32;
  readonly output: I32;
  /** Which groups of four columns to compute. */
  readonly groups: WorkRange;
  readonly relaxed: boolean;
}

/** Two rows by four columns keep eight sums in registers. */
const rowsAtOnce = 2;

export function writeDotProduct(f: FunctionBuilder, product: DotProduct): void {
  const { rows, columns, depth, groups } = product;
  const wholeGroups = Math.floor(columns / vectorLanes);
  const rest = columns % vectorLanes;
  const column = (group: I32, width: number): void => {
    const right = f.keep(elementAddress(product.right, [group, vectorLanes * depth]));
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row);
      const left = f.keep(elementAddress(product.left, [row, depth]));
      const output = f.keep(elementAddress(product.output, [row, columns], [group, vectorLanes]));
      writeDots(f, { ...product, left, right, output }, count, width);
    }
  };
  f.range(groups.from, i32.minimum(groups.to, wholeGroups), 1, (group) => {
    column(group, vectorLanes);
  });
  if (rest > 0) {
    f.if(i32.greater(groups.to, wholeGroups), () => {
      column(i32.constant(wholeGroups), rest);
    });
  }
}

interface Dots {
  readonly left: Local<"i32">;
  readonly right: Local<"i32">;
  readonly output: Local<"i32">;
  readonly columns: number;
  readonly depth: number;
  readonly relaxed: boolean;
}

function writeDots(f: FunctionBuilder, dots: Dots, rows: number, width: number): void {
  const { left, right, output, columns, depth, relaxed } = dots;
  const rowBytes = floats(depth);
  const sums = Array.from({ length: rows }, () =>
    Array.from({ length: width }, () => f.keep(f32x4.constant(0))),
  );
  const step = (leftAt: I32, rightAt: I32, lanes: number, offset: number): void => {
    const weights = Array.from({ length: width }, (_, index) =>
      f.keep(loadLanes(rightAt, lanes, index * rowBytes + offset)),
    );
    for (const [row, rowSums] of sums.entries()) {
      const factor = f.keep(loadLanes(leftAt, lanes, row * rowBytes + offset));
      for (const [index, sum] of rowSums.entries()) {
        f.set(sum, multiplyAdd(factor, weights[index]!, sum, relaxed));
      }
    }
  };
  const rest = depth % vectorLanes;
  const whole = floats(depth - rest);
  if (whole > 0) {
    const [leftAt, rightAt] = [f.keep(left), f.keep(right)];
    sumInChains(f, {
      sums: sums.flat(),
      terms: (depth - rest) / vectorLanes,
      mostTerms: depth / vectorLanes,
      position: leftAt,
      termBytes: vectorBytes,
      add: () => {
        step(leftAt, rightAt, vectorLanes, 0);
        f.increase(leftAt, vectorBytes);
        f.increase(rightAt, vectorBytes);
      },
    });
  }
  if (rest > 0) step(left, right, rest, whole);
  for (const [row, rowSums] of sums.entries()) {
    storeLanes(f, output, f.keep(laneSums(f, rowSums)), width, row * floats(columns));
  }
}

/** The vector of the sums over lanes of up to four vectors. */
export function laneSums(f: FunctionBuilder, vectors: readonly V128[]): V128 {
  const vector = (index: number): V128 => vectors[index] ?? vectors[0]!;
  const [a, b, c, d] = transpose4(f, [vector(0), vector(1), vector(2), vector(3)]);
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}
