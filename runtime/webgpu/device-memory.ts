/**
 * A Program's linear memory on a GPU: a buffer per chunk, made once, zeroed.
 */
import { formatBytes } from "../format-bytes.js";
import type { MemoryRange } from "../program/program.js";
import { UserError } from "../program/user-error.js";

/** A stretch of a buffer; multiples of four bytes. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

/** What is copied to or from the GPU at once. */
const mostPieceBytes = 2 ** 26;

export interface DeviceMemory {
  /** The buffer that an address is in, and where. */
  readonly locate: (offset: number) => Omit<BufferRange, "bytes">;
  /** Where a tensor lies, in order: large ones in several buffers, and in pieces that are copied well. */
  readonly pieces: (offset: number, bytes: number) => readonly BufferRange[];
  readonly dispose: () => void;
}

/** @throws UserError when the GPU has not that much memory */
export async function createDeviceMemory(
  device: GPUDevice,
  chunks: readonly MemoryRange[],
): Promise<DeviceMemory> {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const buffers = chunks.map(({ bytes }) =>
    device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST }),
  );
  const problems = [await device.popErrorScope(), await device.popErrorScope()];
  const problem = problems.find((one): one is GPUError => one !== null);
  if (problem !== undefined) {
    for (const buffer of buffers) buffer.destroy();
    const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
    throw new UserError(
      `the program needs ${formatBytes(total)} of GPU memory, which could not be had: ${problem.message}`,
      "Compile it for a smaller batch, close other programs, or use the CPU: --backend cpu.",
    );
  }
  const locate = (offset: number) => {
    const index = chunks.findIndex((chunk) => offset >= chunk.offset && offset < chunk.offset + chunk.bytes);
    const buffer = buffers[index];
    if (buffer === undefined) throw new RangeError(`no buffer has the address ${String(offset)}`);
    return { buffer, offset: offset - chunks[index]!.offset };
  };
  const pieces = (offset: number, bytes: number): BufferRange[] => {
    const found: BufferRange[] = [];
    for (let done = 0; done < bytes; done += found.at(-1)!.bytes) {
      const place = locate(offset + done);
      const left = Math.min(bytes - done, place.buffer.size - place.offset);
      found.push({ ...place, bytes: Math.min(left, mostPieceBytes) });
    }
    return found;
  };
  return {
    locate,
    pieces,
    dispose: () => {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
