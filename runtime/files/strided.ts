/**
 * Elements stored in another order than row-major, as column-major `.npy` files and
 * transposed PyTorch tensors have them.
 */
import type { FileArray } from "./array.js";
import { elementCount } from "../tensor.js";

/**
 * The array of `shape` whose element at a position is `stored.data[offset + position · strides]`.
 * All of them must lie inside `stored`.
 */
export function gatherStrided(
  stored: FileArray,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): FileArray {
  const total = elementCount(shape);
  if (isRowMajor(shape, strides)) {
    return { ...stored, shape, data: stored.data.slice(offset, offset + total) } as FileArray;
  }
  const gathered = stored.data.slice(0, total);
  const position = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < total; to++) {
    gathered[to] = stored.data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis]!++;
      from += strides[axis]!;
      if (position[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return { ...stored, shape, data: gathered } as FileArray;
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return true;
}
