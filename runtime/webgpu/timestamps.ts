/** How long dispatches take, by the GPU's own clock: without submitting, waiting and reading. */
import { encodePass } from "./commands.js";
import type { ReadyDispatch } from "./pipelines.js";

/** What a device must be asked for, and an adapter may lack. */
export const timestampFeature = "timestamp-query";

const beginAndEnd = 2;
const bytes = 8 * beginAndEnd;

/** Runs dispatches in a pass and submission of their own; milliseconds. */
export async function timeDispatches(
  device: GPUDevice,
  dispatches: readonly ReadyDispatch[],
): Promise<number> {
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const querySet = device.createQuerySet({ type: "timestamp", count: beginAndEnd });
  const resolved = device.createBuffer({ size: bytes, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ size: bytes, usage: COPY_DST | MAP_READ });
  try {
    const encoder = device.createCommandEncoder();
    encodePass(encoder, dispatches, { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 });
    encoder.resolveQuerySet(querySet, 0, beginAndEnd, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const [begin = 0n, end = 0n] = new BigUint64Array(staging.getMappedRange());
    return Number(end - begin) / 1e6;
  } finally {
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
}
