/** Arrays from files as the session takes them: float32 or int32, never bytes. */
import type { FileArray, NamedArrays } from "../../runtime/files/array.js";
import type { Tensor } from "../../runtime/tensor.js";

export function fileArrays(arrays: NamedArrays): ReadonlyMap<string, Tensor> {
  return new Map([...arrays].map(([name, array]) => [name, tensorOf(array)]));
}

function tensorOf(array: FileArray): Tensor {
  const { shape, data } = array;
  return { shape, data: data instanceof Uint8Array ? Float32Array.from(data) : data };
}
