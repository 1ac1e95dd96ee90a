/**
 * Windows of a pooling kernel: which rows and columns they cover, and what averages
 * divide by.
 *
 * Invariant: a window is cut at the image's edges; average pooling that counts padding
 * divides by the window cut at the edges of the padded image.
 */
import type { PoolKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32, i32x4 } from "../encoder/operators.js";
import type { I32, V128 } from "../encoder/value.js";
import { laneNumbers } from "../vectors.js";

/** One of the two directions of a pooling kernel. */
export interface Direction {
  readonly extent: number;
  readonly out: number;
  readonly size: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

export function directions(spec: PoolKernel): {
  readonly vertical: Direction;
  readonly horizontal: Direction;
} {
  const [top, left, bottom, right] = spec.pad;
  const [vertical, horizontal] = [0, 1].map((axis) => ({
    size: spec.size[axis]!,
    stride: spec.stride[axis]!,
  })) as [{ size: number; stride: number }, { size: number; stride: number }];
  return {
    vertical: { ...vertical, extent: spec.height, out: spec.outHeight, before: top, after: bottom },
    horizontal: { ...horizontal, extent: spec.width, out: spec.outWidth, before: left, after: right },
  };
}

/** Elements from the first window's start to the last one's end. */
export function reach({ out, stride, size }: Direction): number {
  return (out - 1) * stride + size;
}

/** Whether windows are pairs side by side from the image's edge on, with at most one element left over. */
export function isHalving({ size, stride, before, extent, out }: Direction): boolean {
  return size === 2 && stride === 2 && before === 0 && out === Math.floor(extent / 2);
}

/** The rows [from, to) of the image that the window at an output position covers. */
export function covered(f: FunctionBuilder, direction: Direction, position: I32): { from: I32; to: I32 } {
  const { size, stride, before, extent } = direction;
  const start = f.keep(i32.multiply(position, stride));
  // Shifted by the padding, so that nothing is negative.
  const from = i32.subtract(i32.maximum(start, before), before);
  const end = f.keep(i32.maximum(i32.minimum(i32.add(start, size), extent + before), before));
  return { from: f.keep(from), to: f.keep(i32.subtract(end, before)) };
}

/** The output positions [from, to) whose windows cover a row of the image. */
export function covering(f: FunctionBuilder, direction: Direction, row: I32): { from: I32; to: I32 } {
  const { size, stride, before, out } = direction;
  const shifted = f.keep(i32.add(row, before));
  const firstStart = i32.divide(i32.subtract(shifted, size), stride);
  const from = i32.select(i32.less(shifted, size), 0, i32.add(firstStart, 1));
  const last = f.keep(i32.add(i32.divide(shifted, stride), 1));
  return { from: f.keep(from), to: f.keep(i32.minimum(last, out)) };
}

/** Four divisors of an average in one direction, for output positions from `position` on. */
export function divisors(direction: Direction, countsPadding: boolean, position: I32): V128 | number {
  const { size, stride, before, after, extent, out } = direction;
  const [first, end] = countsPadding ? [-before, extent + after] : [0, extent];
  const lastEnd = (out - 1) * stride - before + size;
  if (-before >= first && lastEnd <= end) return size;
  const positions = f32x4.fromI32(i32x4.add(i32x4.splat(position), laneNumbers));
  const start = f32x4.subtract(f32x4.multiply(positions, f32x4.constant(stride)), f32x4.constant(before));
  const from = f32x4.pseudoMaximum(start, f32x4.constant(first));
  const to = f32x4.pseudoMinimum(f32x4.add(start, f32x4.constant(size)), f32x4.constant(end));
  return f32x4.subtract(to, from);
}
