/**
 * What a GPU is told to do, in the order it is told: writing, dispatching, reading. A
 * training step, its loss included, becomes one submission.
 *
 * Invariant: dispatches and then readings are collected, and handed over before the next
 * write or, at the latest, when the current turn of the event loop ends. So a reading sees
 * what was asked for before it, and nothing that was asked for later.
 */
import type { BufferRange } from "./device-memory.js";
import type { ReadyDispatch } from "./pipelines.js";
import { createStaging } from "./staging.js";

export interface Commands {
  readonly write: (to: Omit<BufferRange, "bytes">, data: ArrayBufferView<ArrayBuffer>) => void;
  readonly dispatch: (dispatches: readonly ReadyDispatch[]) => void;
  /** A copy of what lies there. */
  readonly read: (from: BufferRange) => Promise<ArrayBuffer>;
  readonly dispose: () => void;
}

/** What is read by one submission, at most, unless one tensor is larger. */
const mostReadBytes = 2 ** 26;

interface Reading extends BufferRange {
  readonly resolve: (content: ArrayBuffer) => void;
  readonly reject: (error: unknown) => void;
}

export function createCommands(device: GPUDevice): Commands {
  const staging = createStaging(device);
  let encoder: GPUCommandEncoder | null = null;
  let readings: Reading[] = [];
  let readBytes = 0;

  function open(): GPUCommandEncoder {
    if (encoder === null) {
      encoder = device.createCommandEncoder();
      queueMicrotask(submit);
    }
    return encoder;
  }

  function submit(): void {
    if (encoder === null) return;
    const [finished, read, bytes] = [encoder, readings, readBytes];
    [encoder, readings, readBytes] = [null, [], 0];
    if (read.length === 0) device.queue.submit([finished.finish()]);
    else {
      const target = staging.take(bytes);
      let at = 0;
      for (const { buffer, offset, bytes: length } of read) {
        finished.copyBufferToBuffer(buffer, offset, target, at, length);
        at += length;
      }
      device.queue.submit([finished.finish()]);
      void fetch(target, bytes, read);
    }
  }

  async function fetch(target: GPUBuffer, bytes: number, read: readonly Reading[]): Promise<void> {
    try {
      await target.mapAsync(GPUMapMode.READ, 0, bytes);
      const content = target.getMappedRange(0, bytes);
      let at = 0;
      for (const { bytes: length, resolve } of read) {
        resolve(content.slice(at, at + length));
        at += length;
      }
      target.unmap();
      staging.give(target);
    } catch (error) {
      target.destroy();
      for (const { reject } of read) reject(error);
    }
  }

  return {
    write: ({ buffer, offset }, data) => {
      submit();
      device.queue.writeBuffer(buffer, offset, data);
    },
    dispatch: (dispatches) => {
      if (readings.length > 0) submit();
      encodePass(open(), dispatches);
    },
    read: (from) => {
      if (readBytes > 0 && readBytes + from.bytes > mostReadBytes) submit();
      open();
      readBytes += from.bytes;
      return new Promise((resolve, reject) => readings.push({ ...from, resolve, reject }));
    },
    dispose: () => {
      submit();
      staging.dispose();
    },
  };
}

/** One compute pass, which may write down when it begins and ends. */
export function encodePass(
  encoder: GPUCommandEncoder,
  dispatches: readonly ReadyDispatch[],
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass(timestampWrites === undefined ? {} : { timestampWrites });
  for (const { pipeline, group, workgroups } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(...workgroups);
  }
  pass.end();
}
