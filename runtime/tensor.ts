/** Tensors as callers give and get them: row-major elements and a shape. */

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** What is accepted as a tensor: any array of numbers, with its shape. */
export interface TensorLike {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A tensor, or its elements alone where the shape follows from their number. */
export type TensorInput = TensorLike | Float32Array | Int32Array | Uint8Array | readonly number[];

/** Tensors by name. Maps are for names that come from files. */
export type NamedTensors<T> = ReadonlyMap<string, T> | Readonly<Record<string, T>>;

/** Names and tensors, however they are kept. */
export function entriesOf<T>(tensors: NamedTensors<T>): ReadonlyMap<string, T> {
  return isMap(tensors) ? tensors : new Map(Object.entries(tensors));
}

function isMap<T>(tensors: NamedTensors<T>): tensors is ReadonlyMap<string, T> {
  return tensors instanceof Map;
}

/** Whether a value has a shape and elements, as opposed to being a record of such. */
export function isTensorLike(value: object): value is TensorLike {
  return "shape" in value && Array.isArray(value.shape) && "data" in value && isNumbers(value.data);
}

/** Whether a value is elements without a shape. */
export function isNumbers(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/** The number of elements of a shape; 1 for rank 0. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[32, 1, 28, 28]` */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, axis) => size === right[axis]);
}
