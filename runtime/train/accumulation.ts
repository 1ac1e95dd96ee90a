/**
 * Where a batch stands in a run whose updates take several batches each, for batches that
 * do not fit into memory at once.
 *
 * Invariant: groups do not cross epochs, so the last one of an epoch may be smaller; with
 * groups of one batch, updates are batches.
 */
import { UserError } from "../program/user-error.js";
import { formatCount } from "./format-numbers.js";
import type { ProgressState } from "./progress-state.js";
import type { TrainingSession } from "./training-session.js";

/** How many updates an epoch has. */
export function updatesPerEpoch(batchesPerEpoch: number, accumulate: number): number {
  return Math.ceil(batchesPerEpoch / accumulate);
}

/** What a user should know; full sentences. */
export function accumulationNotes(accumulate: number, batch: number): readonly string[] {
  if (accumulate === 1) return [];
  return [`An update takes ${accumulate} batches, as one of ${formatCount(accumulate * batch)} examples.`];
}

export interface BatchPlace {
  /** Updates made before it. */
  readonly update: number;
  /** Whether an update is made after it. */
  readonly endsGroup: boolean;
}

/** The place of the next batch. */
export function placeOf(
  { epoch, batchInEpoch }: Pick<ProgressState, "epoch" | "batchInEpoch">,
  batchesPerEpoch: number,
  accumulate: number,
): BatchPlace {
  const group = Math.floor(batchInEpoch / accumulate);
  const next = batchInEpoch + 1;
  return {
    update: epoch * updatesPerEpoch(batchesPerEpoch, accumulate) + group,
    endsGroup: next % accumulate === 0 || next === batchesPerEpoch,
  };
}

/** Throws a UserError when updates shall take several batches and the session cannot add up gradients. */
export function checkAccumulation({ section, losses, accumulate }: TrainingSession, batches: number): void {
  if (batches === 1 || accumulate !== undefined) return;
  throw losses.length > 1
    ? new UserError(
        `${section} has ${losses.length} steps, and gradients can be accumulated for one only`,
        "A later step must see what the earlier one learned from all batches; use smaller batches instead.",
      )
    : new UserError(
        `the program of ${section} was made without the accumulation of gradients`,
        "Compile its step with `accumulate`.",
      );
}
