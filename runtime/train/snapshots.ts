/**
 * Weights that a run keeps on its way: those of the best epoch, and snapshots at even
 * distances for an ensemble (Huang et al., "Snapshot Ensembles: Train 1, Get M for Free", 2017).
 *
 * Invariant: what cannot be written waits here, and no checkpoint is saved before it is
 * written; so a run resumed from any checkpoint has kept all that it passed, or comes by
 * it again with the same bits.
 */
import type { Tensor } from "../tensor.js";

export type NamedWeights = ReadonlyMap<string, Tensor>;

/** Where kept weights go, by name: `best`, `snapshot-1`. */
export interface SnapshotStore {
  /** Replaces them at once: afterwards they are the old or the new, never a mixture. */
  readonly write: (name: string, weights: NamedWeights) => void | Promise<void>;
  /** null when there are none of this name. Throws a UserError when they are damaged. */
  readonly read: (name: string) => NamedWeights | null | Promise<NamedWeights | null>;
  readonly clear: () => void | Promise<void>;
  /** What they are called in messages: their file. */
  readonly describe: (name: string) => string;
}

export const bestName = "best";

export function snapshotName(index: number): string {
  return `snapshot-${index}`;
}

/**
 * After which steps snapshots are taken: `count` of them, evenly, the last at the end.
 * With a schedule of as many equal cycles these are its lows.
 */
export function snapshotSteps(count: number, steps: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => Math.round(((i + 1) * steps) / count));
}

/** Weights in memory, for runs without a folder. */
export function createMemorySnapshots(): SnapshotStore {
  const kept = new Map<string, NamedWeights>();
  return {
    write: (name, weights) => void kept.set(name, weights),
    read: (name) => kept.get(name) ?? null,
    clear: () => {
      kept.clear();
    },
    describe: (name) => name,
  };
}

/** A store that gives back also what it was refused to write, for as long as it runs. */
export function rememberUnwritten(store: SnapshotStore): SnapshotStore {
  const unwritten = new Map<string, NamedWeights>();
  return {
    ...store,
    write: async (name, weights) => {
      unwritten.set(name, weights);
      await store.write(name, weights);
      unwritten.delete(name);
    },
    read: (name) => unwritten.get(name) ?? store.read(name),
  };
}

export interface SnapshotKeeper {
  /** Writes at the next `flush`; a later one of the same name replaces it. */
  readonly keep: (name: string, weights: NamedWeights) => void;
  /** Throws what the store throws; what it refused is tried again at the next call. */
  readonly flush: () => Promise<void>;
}

export function createSnapshotKeeper(store: SnapshotStore): SnapshotKeeper {
  const waiting = new Map<string, NamedWeights>();
  return {
    keep: (name, weights) => {
      waiting.set(name, weights);
    },
    flush: async () => {
      for (const [name, weights] of waiting) {
        await store.write(name, weights);
        waiting.delete(name);
      }
    },
  };
}
