/**
 * NumPy's `.npz`: a zip archive of `.npy` files, one per array.
 */
import type { FileArray, NamedArrays } from "./array.js";
import { fileError } from "./file-error.js";
import { readNpy, writeNpy } from "./npy.js";
import { readZip, writeZip } from "./zip.js";

/** The arrays by name, `.npy` taken off, in the archive's order. */
export function readNpz(bytes: Uint8Array, source: string): NamedArrays {
  const arrays = new Map<string, FileArray>();
  for (const entry of readZip(bytes, source).values()) {
    if (!entry.name.endsWith(".npy")) continue;
    const name = entry.name.slice(0, -".npy".length);
    arrays.set(name, readNpy(entry.read(), `${source}, array ${name}`));
  }
  if (arrays.size === 0) {
    throw fileError(source, "this zip archive holds no arrays", null, "numpy.savez writes an .npz file.");
  }
  return arrays;
}

/** Writes arrays in the given order, uncompressed; equal arrays give equal bytes. */
export function writeNpz(arrays: NamedArrays): Uint8Array {
  return writeZip(new Map([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)])));
}
