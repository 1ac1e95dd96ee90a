/**
 * Buffers that the CPU reads from, kept for the next time: a training step reads its loss,
 * always as many bytes.
 *
 * Invariant: a buffer is either in use by one reading or waiting here, unmapped.
 */

/** Larger ones are not worth keeping: weights are read now and then. */
const mostKeptBytes = 2 ** 20;
const mostKept = 8;
const smallest = 256;

export interface Staging {
  /** A buffer of at least so many bytes, to copy to and map. */
  readonly take: (bytes: number) => GPUBuffer;
  /** Gives one back, unmapped. */
  readonly give: (buffer: GPUBuffer) => void;
  readonly dispose: () => void;
}

export function createStaging(device: GPUDevice): Staging {
  const kept: GPUBuffer[] = [];
  let isDisposed = false;
  return {
    take: (bytes) => {
      const index = kept.findIndex(({ size }) => size >= bytes);
      const [found] = index < 0 ? [] : kept.splice(index, 1);
      if (found !== undefined) return found;
      const size = bytes > mostKeptBytes ? bytes : Math.max(smallest, 2 ** Math.ceil(Math.log2(bytes)));
      return device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    },
    give: (buffer) => {
      if (isDisposed || buffer.size > mostKeptBytes || kept.length >= mostKept) buffer.destroy();
      else kept.push(buffer);
    },
    dispose: () => {
      isDisposed = true;
      for (const buffer of kept.splice(0)) buffer.destroy();
    },
  };
}
