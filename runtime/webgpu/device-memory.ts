/**
 * A Program's linear memory on a GPU: a buffer per chunk, made once, zeroed.
 */
import { formatBytes } from "../format-bytes.js";
import type { MemoryRange } from "../program/program.js";
import { UserError } from "../program/user-error.js";

export interface DeviceMemory {
  /** The buffer that an address is in, and where. */
  readonly locate: (offset: number) => { readonly buffer: GPUBuffer; readonly offset: number };
  readonly write: (
    offset: number,
    data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  ) => void;
  /** A copy of bytes at an address. */
  readonly read: (range: MemoryRange) => Promise<ArrayBuffer>;
  readonly dispose: () => void;
}

/** @throws UserError when the GPU has not that much memory */
export async function createDeviceMemory(
  device: GPUDevice,
  chunks: readonly MemoryRange[],
): Promise<DeviceMemory> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const buffers = chunks.map(({ bytes }) =>
    device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC | COPY_DST }),
  );
  const problems = [await device.popErrorScope(), await device.popErrorScope()];
  const problem = problems.find((one) => one !== null);
  if (problem != null) {
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
  return {
    locate,
    write: (offset, data) => {
      const at = locate(offset);
      device.queue.writeBuffer(at.buffer, at.offset, data);
    },
    read: async ({ offset, bytes }) => {
      const at = locate(offset);
      const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
      try {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(at.buffer, at.offset, staging, 0, bytes);
        device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        return staging.getMappedRange().slice(0);
      } finally {
        staging.destroy();
      }
    },
    dispose: () => {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
