/** Checkpoints in memory, for tests. */
import type { CheckpointStore } from "../../runtime/train/checkpoint-slots.js";

export interface MemoryStore extends CheckpointStore {
  readonly slots: (Uint8Array | null)[];
}

export function createMemoryStore(): MemoryStore {
  const slots: (Uint8Array | null)[] = [null, null];
  return {
    slots,
    write: (slot, bytes) => {
      slots[slot] = bytes;
    },
    read: (slot) => slots[slot] ?? null,
    clear: () => {
      slots.fill(null);
    },
    describe: (slot) => `checkpoint ${slot}`,
  };
}
