/**
 * Two places for checkpoints, written in turn: while one is being replaced the other
 * stands, so whatever happens a good one remains.
 *
 * Invariant: the slot that holds the newest good checkpoint is never the one written next.
 */
import { UserError } from "../program/user-error.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import { fingerprints } from "./run-identity.js";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.js";

export type Slot = 0 | 1;

/** Where the bytes are kept: a folder, a browser's storage, or memory in tests. */
export interface CheckpointStore {
  /** Replaces the slot's content at once: afterwards it is the old or the new, never a mixture. */
  readonly write: (slot: Slot, bytes: Uint8Array) => void | Promise<void>;
  /** The content, or null when nothing was written yet. */
  readonly read: (slot: Slot) => Uint8Array | null | Promise<Uint8Array | null>;
  readonly clear: () => void | Promise<void>;
  /** What a slot is called in messages: its file. */
  readonly describe: (slot: Slot) => string;
}

export interface CheckpointWriter {
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
}

export interface ResumePoint {
  /** null when there is none. */
  readonly checkpoint: Checkpoint | null;
  /** Where the next one goes. */
  readonly next: Slot;
  /** Full sentences, when a damaged checkpoint was passed over. */
  readonly notes: readonly string[];
}

const nothingYet = "There is no checkpoint yet: the run begins with its first step.";

/** Saves to the slots in turn, `first` first. */
export function createCheckpointWriter(store: CheckpointStore, first: Slot): CheckpointWriter {
  let next = first;
  return {
    save: async (checkpoint) => {
      await store.write(next, encodeCheckpoint(checkpoint));
      next = other(next);
    },
  };
}

/**
 * The newest good checkpoint of the same run. Throws a UserError when there are
 * checkpoints but none is good, or they are of another run.
 */
export async function findResumePoint(store: CheckpointStore, run: RunIdentity): Promise<ResumePoint> {
  const found: { readonly slot: Slot; readonly checkpoint: Checkpoint }[] = [];
  const damaged: UserError[] = [];
  for (const slot of [0, 1] as const) {
    try {
      const bytes = await store.read(slot);
      if (bytes !== null) found.push({ slot, checkpoint: decodeCheckpoint(bytes, store.describe(slot)) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      damaged.push(error);
    }
  }
  const newest = found.sort((a, b) => b.checkpoint.progress.step - a.checkpoint.progress.step)[0];
  if (newest === undefined) {
    const [first] = damaged;
    if (first === undefined) return { checkpoint: null, next: 0, notes: [nothingYet] };
    throw new UserError(first.message, "No good checkpoint is left: begin a new run, without resuming.");
  }
  checkSameRun(newest.checkpoint.run, run, store.describe(newest.slot));
  const notes = damaged.map(
    ({ message }) => `A checkpoint is passed over: ${message}. The run goes on from the other one.`,
  );
  return { checkpoint: newest.checkpoint, next: other(newest.slot), notes };
}

function checkSameRun(saved: RunIdentity, asked: RunIdentity, source: string): void {
  const keys = [...new Set([...Object.keys(asked), ...Object.keys(saved)])];
  const changed = keys.filter((key) => saved[key] !== asked[key]);
  const settings = changed.filter((key) => !fingerprints.has(key));
  // A setting that changed changes fingerprints as well, and says more than they do.
  const differences =
    settings.length > 0
      ? settings.map((key) => `${key} ${saved[key] ?? "unknown"} instead of ${asked[key] ?? "unknown"}`)
      : changed.map((key) => fingerprints.get(key) ?? key);
  if (differences.length === 0) return;
  throw new UserError(
    `${source} is a checkpoint of another run: ${differences.join(", ")}`,
    "Resume with the settings the run was begun with, or begin a new one.",
  );
}

function other(slot: Slot): Slot {
  return slot === 0 ? 1 : 0;
}
