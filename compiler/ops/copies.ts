/** Strided copies in float64, shared by the ops that only move elements. */
import { denseStrides } from "../ir/shapes.js";

/** Copies `shape` elements between two arrays with strides of their own. */
export function copyStrided(
  from: Float64Array,
  fromOffset: number,
  fromStrides: readonly number[],
  to: Float64Array,
  toOffset: number,
  toStrides: readonly number[],
  shape: readonly number[],
): void {
  const position = new Array<number>(shape.length).fill(0);
  let read = fromOffset;
  let write = toOffset;
  for (let remaining = shape.reduce((product, size) => product * size, 1); remaining > 0; remaining--) {
    to[write] = from[read]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      read += fromStrides[axis]!;
      write += toStrides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      read -= fromStrides[axis]! * shape[axis]!;
      write -= toStrides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
}

/** Where the elements of a box stand in a tensor of `shape`: `first` per axis, then every `step`. */
export function boxPlacement(
  shape: readonly number[],
  first: readonly number[],
  step: readonly number[],
): { readonly offset: number; readonly strides: readonly number[] } {
  const dense = denseStrides(shape);
  return {
    offset: first.reduce((sum, start, axis) => sum + start * dense[axis]!, 0),
    strides: dense.map((stride, axis) => stride * step[axis]!),
  };
}
