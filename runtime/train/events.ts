/** What a training run tells while it runs, and what it ends with. */
import type { SplitName } from "../data/dataset.js";
import type { UserError } from "../program/user-error.js";
import type { BestEpoch, Monitor } from "./monitor.js";
import type { EpochResult } from "./progress-state.js";

/** What is known of a run before its first step. */
export interface RunPlan {
  readonly section: string;
  readonly losses: readonly string[];
  /** What is measured after every epoch; a loss may be among them, under its own name. */
  readonly metrics: readonly string[];
  readonly epochs: number;
  readonly batch: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /** What an example is called: `images` where an input has rows and columns. */
  readonly unit: "images" | "examples";
  readonly trainExamples: number;
  /** Examples that metrics are computed on, and whose they are. */
  readonly validationExamples: number;
  readonly validationOn: SplitName;
  /** What decides which epoch is the best; null when nothing does. */
  readonly monitor: Monitor | null;
  /** After so many epochs without a better one the run ends; null when it never does. */
  readonly patience: number | null;
  /** After which steps the weights are kept as snapshots. */
  readonly snapshotSteps: readonly number[];
}

export type TrainEvent =
  | {
      readonly kind: "start";
      readonly plan: RunPlan;
      /** The step a checkpoint was taken at; null for a run from the beginning. */
      readonly resumedAt: number | null;
      /** Full sentences for the user. */
      readonly notes: readonly string[];
    }
  | {
      readonly kind: "step";
      /** Steps made, this one included. */
      readonly step: number;
      /** The epoch under way, counted from 1. */
      readonly epoch: number;
      readonly examples: number;
      readonly losses: readonly number[];
      /** Means of the losses over the epoch so far. */
      readonly meanLosses: readonly number[];
    }
  | { readonly kind: "validating"; readonly epoch: number }
  | {
      readonly kind: "epoch";
      readonly result: EpochResult;
      readonly step: number;
      /** The best epoch so far, where one is looked for. */
      readonly best: BestEpoch | null;
    }
  | { readonly kind: "checkpoint"; readonly step: number }
  | {
      /** A checkpoint or snapshot could not be written. The one before it stands; it is tried again. */
      readonly kind: "unsaved";
      readonly step: number;
      readonly message: string;
      readonly advice: string;
    }
  /** No better epoch for as long as the run has patience: it ends. */
  | { readonly kind: "stopping"; readonly epoch: number; readonly best: BestEpoch | null };

export interface TrainResult {
  readonly plan: RunPlan;
  /** False when the run was stopped by its signal; it can be resumed. */
  readonly isFinished: boolean;
  /** Whether it ended before its last epoch, as no better one came. */
  readonly stoppedEarly: boolean;
  /** null when no epoch was looked for, or none had a finite value. */
  readonly best: BestEpoch | null;
  /** Why the last checkpoint or snapshot could not be written; null when all is saved. */
  readonly unsaved: UserError | null;
  readonly step: number;
  readonly epochs: readonly EpochResult[];
  /** A row per step, a column per loss. */
  readonly stepLosses: Float32Array;
}

/** Whose examples are measured, in words: `the test data`. */
export function measuredData(plan: RunPlan): string {
  return plan.validationOn === "train" ? "the training data" : `the ${plan.validationOn} data`;
}

/** A measured value's name beside the training losses: `test loss`, `accuracy`. */
export function measureName(plan: RunPlan, metric: string): string {
  return plan.losses.includes(metric) ? `${plan.validationOn} ${metric}` : metric;
}
