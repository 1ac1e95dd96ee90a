/**
 * The register tile at the heart of matrix products and convolutions: a few rows of the
 * left operand times a few vectors of columns of the right one, summed over a block of depth.
 *
 * Invariant: every element is the sum of the block's products in ascending depth, in chains of
 * the same length, with one rounding per multiplication and addition, and is then added to what
 * was there, whatever the tile's shape; so tiles may be chosen by measurement without changing a
 * bit. (With relaxed multiply-add, one rounding where the engine fuses.)
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, v128 } from "../encoder/operators.js";
import type { I32, Integer, Local, V128 } from "../encoder/value.js";
import { sumInChains } from "../partial-sums.js";
import { floatBytes, loadLanes, storeLanes, vectorBytes, vectorLanes, vectorsOf } from "../vectors.js";

export interface Tile {
  readonly rows: number;
  /** At least 1; the last vector may be partial. */
  readonly columns: number;
  /** Where the left operand's first row begins, and its strides in bytes. */
  readonly left: I32;
  readonly leftRowBytes: number;
  readonly leftDepthBytes: number;
  /** Where the right operand's first column begins; advanced to where the depth ends. */
  readonly right: Local<"i32">;
  readonly rightDepthBytes: number;
  /** Whether reading whole vectors of the right operand is safe where columns end. */
  readonly rightIsPadded: boolean;
  /** The depth of this block, and of the deepest one of the product. */
  readonly depth: Integer;
  readonly mostDepth: number;
  readonly output: Local<"i32">;
  readonly outputRowBytes: number;
  /** Adds to what the output holds unless this is 0. */
  readonly accumulate: I32;
  readonly relaxed: boolean;
}

export function multiplyAdd(left: V128, right: V128, addend: V128, relaxed: boolean): V128 {
  return relaxed
    ? f32x4.relaxedMultiplyAdd(left, right, addend)
    : f32x4.add(addend, f32x4.multiply(left, right));
}

export function writeTile(f: FunctionBuilder, tile: Tile): void {
  const vectors = vectorsOf(tile.columns);
  const sums = Array.from({ length: tile.rows }, () => vectors.map(() => f.local("v128")));
  const eachSum = (visit: (sum: Local<"v128">, lanes: number, offset: number) => void): void => {
    for (const [row, rowSums] of sums.entries()) {
      for (const [index, sum] of rowSums.entries()) {
        visit(sum, vectors[index]!, row * tile.outputRowBytes + index * vectorBytes);
      }
    }
  };
  const left = f.keep(tile.left);
  const add = (): void => {
    const columns = vectors.map((lanes, index) =>
      f.keep(loadLanes(tile.right, tile.rightIsPadded ? vectorLanes : lanes, index * vectorBytes)),
    );
    for (const [row, rowSums] of sums.entries()) {
      const factor = f.keep(v128.load32Splat(left, row * tile.leftRowBytes));
      for (const [index, sum] of rowSums.entries()) {
        f.set(sum, multiplyAdd(factor, columns[index]!, sum, tile.relaxed));
      }
    }
    f.increase(left, tile.leftDepthBytes);
    f.increase(tile.right, tile.rightDepthBytes);
  };
  sumInChains(f, {
    sums: sums.flat(),
    terms: tile.depth,
    mostTerms: tile.mostDepth,
    position: tile.right,
    termBytes: tile.rightDepthBytes,
    add,
  });
  f.if(tile.accumulate, () => {
    eachSum((sum, lanes, offset) => {
      f.set(sum, f32x4.add(loadLanes(tile.output, lanes, offset), sum));
    });
  });
  eachSum((sum, lanes, offset) => {
    storeLanes(f, tile.output, sum, lanes, offset);
  });
}

/** Bytes of `elements` floats. */
export function floats(elements: number): number {
  return elements * floatBytes;
}
