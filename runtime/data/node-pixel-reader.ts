/**
 * Image files decoded in a thread of their own, ahead of the step that needs them.
 *
 * Invariant: results depend on the files alone. An example that is not ready is decoded by
 * the reader itself, so a worker that is late, or dead, costs time and nothing else.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { createQueue, type DecodeStart, fillSlot, queueWord, ringLength, slotState } from "./decode-queue.js";
import { decodeWorkerText } from "./decode-worker-text.generated.js";
import { fitSize } from "./fit-image.js";
import { decodeEntry, openPixels, type OpenPixels } from "./pixel-reader.js";

/** Room for examples that are not kept, in bytes. */
const windowBytes = 64 * 2 ** 20;
const fewestWindowSlots = 8;

/** Milliseconds after which a claimed slot is no longer waited for. */
const longestWait = 20_000;

/** Like `openPixels`, with a thread that decodes what is expected. */
export const openPixelsAhead: OpenPixels = (images, fit, cacheBytes) => {
  const files = images.flatMap(({ path, half }) => (path === null ? [] : [{ path, half }]));
  if (files.length < images.length || availableParallelism() < 2) return openPixels(images, fit, cacheBytes);

  const size = fitSize(fit);
  const kept = Math.min(images.length, Math.floor(cacheBytes / size));
  const window = Math.min(images.length - kept, Math.max(fewestWindowSlots, Math.floor(windowBytes / size)));
  const queue = createQueue(kept + window, size);
  const { control, ring, owners, states, pixels } = queue;
  const slots = createSlots({ kept, window, owners, states });

  const listen = (): void => {
    if (Atomics.exchange(control, queueWord.listens, 1) === 1) return;
    const start: DecodeStart = { queue, fit, files };
    const worker = new Worker(decodeWorkerText, { eval: true, workerData: start });
    // Without it the reader decodes everything itself; there is nothing to tell.
    worker.on("error", () => undefined);
    worker.unref();
  };

  return {
    expect: (examples) => {
      let made = 0;
      let passing = 0;
      for (let i = 0; i < examples.length; i++) {
        // What is expected must not push out what is expected before it.
        if (examples[i]! >= kept && ++passing > window) break;
        if (Atomics.load(control, queueWord.made) - Atomics.load(control, queueWord.taken) >= ringLength)
          break;
        const slot = slots.request(examples[i]!);
        if (slot === null) continue;
        const number = Atomics.load(control, queueWord.made);
        Atomics.store(ring, number % ringLength, slot);
        Atomics.store(control, queueWord.made, number + 1);
        made++;
      }
      if (made === 0) return;
      Atomics.notify(control, queueWord.made);
      listen();
    },
    read: (example) => {
      const slot = slots.of(example);
      const decode = (): Uint8Array => decodeEntry(images[example]!, fit);
      while (Atomics.load(states, slot) !== slotState.ready) {
        if (fillSlot(queue, slot, example, decode, true)) break;
        const waited = Atomics.wait(states, slot, slotState.claimed, longestWait);
        if (waited === "timed-out") return decode();
      }
      return pixels.subarray(slot * size, (slot + 1) * size);
    },
  };
};

interface SlotRoom {
  /** Examples below this number have a slot for ever, that of their number. */
  readonly kept: number;
  /** Slots behind those that the others take in turn. */
  readonly window: number;
  readonly owners: Int32Array;
  readonly states: Int32Array;
}

/** Which slot an example has. */
function createSlots({ kept, window, owners, states }: SlotRoom) {
  const passing = new Map<number, number>();
  const isRequested = new Uint8Array(kept + window);
  let next = 0;

  const assign = (example: number, slot: number): number => {
    Atomics.store(owners, slot, example);
    return slot;
  };
  const takeWindowSlot = (example: number): number => {
    let slot = kept + next;
    // What is being written now is left alone; the others are not waited for.
    for (let i = 0; i < window && Atomics.load(states, slot) === slotState.claimed; i++) {
      next = (next + 1) % window;
      slot = kept + next;
    }
    while (Atomics.load(states, slot) === slotState.claimed)
      Atomics.wait(states, slot, slotState.claimed, 100);
    next = (next + 1) % window;
    passing.delete(owners[slot]!);
    passing.set(example, slot);
    isRequested[slot] = 0;
    assign(example, slot);
    Atomics.store(states, slot, slotState.empty);
    return slot;
  };
  const of = (example: number): number => {
    if (example < kept) return assign(example, example);
    return passing.get(example) ?? takeWindowSlot(example);
  };
  return {
    of,
    /** The slot that should be filled for an example; null when it is, or somebody has been asked to. */
    request: (example: number): number | null => {
      const slot = of(example);
      if (isRequested[slot] === 1 || Atomics.load(states, slot) !== slotState.empty) return null;
      isRequested[slot] = 1;
      return slot;
    },
  };
}
