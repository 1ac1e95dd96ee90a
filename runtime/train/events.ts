/** What a training run tells while it runs, and what it ends with. */
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
  readonly validationOn: "train" | "test";
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
  | { readonly kind: "epoch"; readonly result: EpochResult; readonly step: number }
  | { readonly kind: "checkpoint"; readonly step: number };

export interface TrainResult {
  readonly plan: RunPlan;
  /** False when the run was stopped by its signal; it can be resumed. */
  readonly isFinished: boolean;
  readonly step: number;
  readonly epochs: readonly EpochResult[];
  /** A row per step, a column per loss. */
  readonly stepLosses: Float32Array;
}

/** A measured value's name beside the training losses: `test loss`, `accuracy`. */
export function measureName(plan: RunPlan, metric: string): string {
  return plan.losses.includes(metric) ? `${plan.validationOn} ${metric}` : metric;
}
