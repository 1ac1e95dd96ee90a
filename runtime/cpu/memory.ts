/**
 * The one memory of a Program, allocated at its full size and never grown.
 */
import type { Place } from "../backend.js";
import { formatBytes } from "../format-bytes.js";
import type { MemoryRange } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import type { Tensor } from "../tensor.js";

/** Bytes of a WebAssembly page. */
const pageBytes = 65536;

/** Views of the whole memory. */
export interface Memory {
  readonly wasm: WebAssembly.Memory;
  readonly floats: Float32Array;
  readonly integers: Int32Array;
}

/** Throws a UserError when the machine does not give that much memory. */
export function allocateMemory(bytes: number, shared: boolean): Memory {
  const pages = Math.ceil(bytes / pageBytes);
  try {
    const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    return { wasm, floats: new Float32Array(wasm.buffer), integers: new Int32Array(wasm.buffer) };
  } catch {
    throw new UserError(
      `the program needs ${formatBytes(bytes)} of memory, more than this machine gives`,
      "Compile it for a smaller batch, or close other programs.",
    );
  }
}

/** The float32 elements at a place, not copied. */
export function floatsAt(memory: Memory, { offset, bytes }: MemoryRange): Float32Array {
  return memory.floats.subarray(offset / 4, (offset + bytes) / 4);
}

/** The int32 elements at a place, not copied. */
export function integersAt(memory: Memory, { offset, bytes }: MemoryRange): Int32Array {
  return memory.integers.subarray(offset / 4, (offset + bytes) / 4);
}

/** A copy of a tensor that a kernel has written. */
export function readTensor(memory: Memory, place: Place): Tensor {
  const view = place.dataType === "f32" ? floatsAt(memory, place) : integersAt(memory, place);
  return { shape: place.shape, data: view.slice() };
}
