/** What a run tells about a loss that is not a number, and what it is told about the cause. */
import type { BatchInputs } from "../data/batches.js";
import type { Tensor } from "../tensor.js";

/** Everything that the step depended on: made again, it goes wrong again. */
export interface Divergence {
  /** The index of the loss among those of the section's steps. */
  readonly loss: number;
  readonly inputs: BatchInputs;
  /** The numbers of the batch's examples in the training data. */
  readonly examples: Uint32Array;
  /** Updates and batches made before. */
  readonly step: number;
  readonly draw: number;
  readonly seed: number;
  /** Parameters, statistics and optimizer state from before the step, which changed nothing. */
  readonly state: ReadonlyMap<string, Tensor>;
}

export interface Diagnosis {
  /** Continues `the loss is not a number (NaN) at step 12, in epoch 1`: `first in the output of fc1`. */
  readonly message: string;
  /** Full sentences on what to do; null for the usual advice. */
  readonly advice: string | null;
}

/** Looks for the place where a loss stopped being a number; null when it finds none. */
export type Diagnose = (divergence: Divergence) => Promise<Diagnosis | null>;
