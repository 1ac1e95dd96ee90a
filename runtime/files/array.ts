/**
 * An array as it comes out of a file and goes into one: row-major elements and a shape.
 *
 * Invariant: `data.length` is the product of `shape`, and `data` owns its memory.
 */
import type { Tensor } from "../tensor.js";

export type FileArray =
  | { readonly dataType: "f32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dataType: "i32"; readonly shape: readonly number[]; readonly data: Int32Array }
  /** Bytes, kept as bytes because image files are large; integers 0 to 255. */
  | { readonly dataType: "u8"; readonly shape: readonly number[]; readonly data: Uint8Array };

/** Halves, by their bits, on their way into a file; what is read is float32. */
export interface HalfArray {
  readonly dataType: "f16";
  readonly shape: readonly number[];
  readonly data: Uint16Array;
}

/** Arrays by name. A Map, because names come from files and may be `__proto__`. */
export type NamedArrays = ReadonlyMap<string, FileArray>;

/** A tensor of the runtime as an array for a file; the elements are shared, not copied. */
export function fileArray({ shape, data }: Tensor): FileArray {
  return data instanceof Float32Array ? { dataType: "f32", shape, data } : { dataType: "i32", shape, data };
}
