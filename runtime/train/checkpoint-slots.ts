/**
 * Two places for checkpoints, written in turn: while one is being replaced the other
 * stands, so whatever happens a good one remains.
 *
 * Invariant: the slot that holds the newest good checkpoint is never the one written next.
 */
import { UserError } from "../program/user-error.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import { explainDifference } from "./run-identity.js";
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

export interface FoundCheckpoints {
  /** The good ones, the newest first. */
  readonly found: readonly { readonly slot: Slot; readonly checkpoint: Checkpoint }[];
  /** What is wrong with the others. */
  readonly damaged: readonly UserError[];
}

/** All that a store holds, of whichever run. */
export async function findCheckpoints(store: CheckpointStore): Promise<FoundCheckpoints> {
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
  found.sort((a, b) => b.checkpoint.progress.step - a.checkpoint.progress.step);
  return { found, damaged };
}

/** In what a resumed run may differ from the one that was begun. */
export interface ResumeRules {
  /** The number of epochs now asked for, where nothing in the run depends on it; null where it must be the same. */
  readonly epochs: number | null;
}

/**
 * The newest good checkpoint of the same run. Throws a UserError when there are
 * checkpoints but none is good, or they are of another run.
 */
export async function findResumePoint(
  store: CheckpointStore,
  run: RunIdentity,
  rules: ResumeRules = { epochs: null },
): Promise<ResumePoint> {
  const { found, damaged } = await findCheckpoints(store);
  const [newest] = found;
  if (newest === undefined) {
    const [first] = damaged;
    if (first === undefined) return { checkpoint: null, next: 0, notes: [nothingYet] };
    throw new UserError(first.message, "No good checkpoint is left: begin a new run, without resuming.");
  }
  const { checkpoint } = newest;
  const saved = mayHaveEpochs(checkpoint, rules)
    ? { ...checkpoint.run, epochs: run["epochs"]! }
    : checkpoint.run;
  checkSameRun(saved, run, store.describe(newest.slot));
  const notes = damaged.map(
    ({ message }) => `A checkpoint is passed over: ${message}. The run goes on from the other one.`,
  );
  return { checkpoint, next: other(newest.slot), notes };
}

/** Whether a run of so many epochs comes by this checkpoint. */
function mayHaveEpochs({ progress }: Checkpoint, { epochs }: ResumeRules): boolean {
  return (
    epochs !== null && (progress.epoch < epochs || (progress.epoch === epochs && progress.batchInEpoch === 0))
  );
}

function checkSameRun(saved: RunIdentity, asked: RunIdentity, source: string): void {
  const difference = explainDifference(saved, asked);
  if (difference === null) return;
  throw new UserError(
    `${source} is a checkpoint of another run: ${difference}`,
    "Resume with the settings the run was begun with, or begin a new one.",
  );
}

function other(slot: Slot): Slot {
  return slot === 0 ? 1 : 0;
}
