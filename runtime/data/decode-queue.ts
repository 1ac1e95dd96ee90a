/**
 * Memory that the thread which trains and the one which decodes share: slots of pixels, who
 * works on each, and a ring of requests.
 *
 * Invariant: a slot is written only by the thread that claimed it, for the example that owns
 * it, so it makes no difference to the pixels which thread that was.
 */
import type { ImageFit, ImageHalf } from "./fit-image.js";

export const slotState = { empty: 0, claimed: 1, ready: 2, failed: 3 } as const;

/** Words of `control`. */
export const queueWord = {
  /** Requests made so far, and taken so far. */
  made: 0,
  taken: 1,
  /** 1 while a worker listens. */
  listens: 2,
  words: 3,
} as const;

/** Requests that can wait at a time. */
export const ringLength = 4096;

export interface DecodeQueue {
  readonly control: Int32Array;
  /** Slots to be filled, by the request's number modulo the length. */
  readonly ring: Int32Array;
  /** The example that each slot is for. */
  readonly owners: Int32Array;
  readonly states: Int32Array;
  /** `size` bytes per slot. */
  readonly pixels: Uint8Array;
  readonly size: number;
}

/** What the decoding thread is started with. */
export interface DecodeStart {
  readonly queue: DecodeQueue;
  readonly fit: ImageFit;
  readonly files: readonly { readonly path: string; readonly half: ImageHalf | null }[];
}

export function createQueue(slots: number, size: number): DecodeQueue {
  const words = (count: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * count));
  return {
    control: words(queueWord.words),
    ring: words(ringLength),
    owners: words(slots).fill(-1),
    states: words(slots),
    pixels: new Uint8Array(new SharedArrayBuffer(slots * size)),
    size,
  };
}

/**
 * Fills a slot, if nobody does or has: true when this thread did. What `decode` throws is
 * thrown on, and marks the slot as failed, which `retry` tries again.
 */
export function fillSlot(
  { owners, states, pixels, size }: DecodeQueue,
  slot: number,
  example: number,
  decode: () => Uint8Array,
  retry: boolean,
): boolean {
  const claims = (from: number): boolean =>
    Atomics.compareExchange(states, slot, from, slotState.claimed) === from;
  if (!claims(slotState.empty) && !(retry && claims(slotState.failed))) return false;
  let state: number = slotState.failed;
  try {
    if (Atomics.load(owners, slot) !== example) {
      state = slotState.empty;
      return false;
    }
    pixels.set(decode(), slot * size);
    state = slotState.ready;
    return true;
  } finally {
    Atomics.store(states, slot, state);
    Atomics.notify(states, slot);
  }
}
