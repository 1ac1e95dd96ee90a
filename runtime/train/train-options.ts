/** What a training run is told: the session, the data, how long, and what is kept. */
import type { MatchedData } from "../data/match-inputs.js";
import { UserError } from "../program/user-error.js";
import type { CheckpointTimes } from "./checkpoint-schedule.js";
import type { CheckpointStore } from "./checkpoint-slots.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import type { Diagnose } from "./divergence.js";
import type { SnapshotStore } from "./snapshots.js";
import type { TrainingSession } from "./training-session.js";

export interface TrainOptions {
  readonly session: TrainingSession;
  readonly data: MatchedData;
  readonly epochs: number;
  readonly batch: number;
  /** How many batches an update takes, by the mean of their gradients; 1 by default. */
  readonly accumulate?: number;
  /** An integer in [0, 2^32). */
  readonly seed: number;
  /** Is asked where a loss stopped being a number, before the run ends because of it. */
  readonly diagnose?: Diagnose;
  /**
   * The measured value whose best epoch is kept: its name, with `:up` or `:down` behind it
   * where the name does not tell which is better; `auto` is the first metric, or the loss.
   */
  readonly monitor?: string;
  /** Ends the run when so many epochs in a row were no better; monitors `auto` unless told. */
  readonly patience?: number;
  /** Keeps the weights at so many evenly spaced points, the last at the end; none by default. */
  readonly snapshots?: number;
  /** Where the best weights and snapshots go; to memory unless given. */
  readonly snapshotStore?: SnapshotStore;
  /** Where checkpoints go; without it none are taken. */
  readonly checkpoints?: CheckpointStore;
  readonly checkpointTimes?: CheckpointTimes;
  /** Go on from the newest checkpoint, if there is one. Otherwise old ones are removed. */
  readonly resume?: boolean;
  /** Further facts that must be equal for the run to be resumed, by the words for messages. */
  readonly facts?: RunIdentity;
  /** Stops the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Milliseconds; `performance.now` unless given. */
  readonly clock?: () => number;
}

/** Throws a UserError for numbers that make no sense. */
export function checkSettings(options: TrainOptions): void {
  const check = (name: string, value: number, low: number, high: number): void => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new UserError(`${name} should be a whole number from ${low} to ${high}, and is ${value}`);
  };
  check("epochs", options.epochs, 1, 1e9);
  check("batch", options.batch, 1, 1e9);
  if (options.accumulate !== undefined) check("accumulate", options.accumulate, 1, 1e9);
  check("seed", options.seed, 0, 2 ** 32 - 1);
  if (options.patience !== undefined) check("patience", options.patience, 1, 1e9);
  if (options.snapshots !== undefined) check("snapshots", options.snapshots, 0, 1000);
}
