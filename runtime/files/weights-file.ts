/** Weights in whichever format they come: safetensors, or PyTorch's `.pt`. */
import type { NamedArrays } from "./array.js";
import { readPytorch } from "./pytorch.js";
import { readSafetensors } from "./safetensors.js";
import { isZip } from "./zip.js";

/** The tensors by name, the format told from the content. Throws a UserError for anything else. */
export function readWeights(bytes: Uint8Array, source: string): NamedArrays {
  // A safetensors file begins with a length, whose first byte may be that of a pickle; its header follows.
  const isPickle = bytes[0] === 0x80 && bytes[8] !== "{".charCodeAt(0);
  if (isZip(bytes) || isPickle) return readPytorch(bytes, source);
  return readSafetensors(bytes, source).tensors;
}
