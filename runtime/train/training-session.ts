/**
 * What the training loop needs from a session: a train section that can make a step,
 * measure itself, and give and take its whole state.
 *
 * Invariant: the state returned by `state`, given back to `restore` with the same run
 * and step, makes every later step give the same bits.
 */
import type { BatchInputs } from "../data/batches.js";
import type { InputDeclaration } from "../data/match-inputs.js";
import type { Tensor } from "../tensor.js";

/** The length of a run in updates; schedules depend on it. */
export interface RunLength {
  readonly seed: number;
  readonly steps: number;
  readonly epochSteps: number;
}

export interface TrainingSession {
  /** The train section's name. */
  readonly section: string;
  readonly inputs: readonly InputDeclaration[];
  /** Names of the losses that `step` returns, in order. */
  readonly losses: readonly string[];
  /**
   * Names of what `evaluate` returns, in order: the section's metrics, and its losses
   * under the same names as in `losses`, where they are measured too.
   */
  readonly metrics: readonly string[];
  /** Changes when the compiled section changes, so that a checkpoint of another one is recognized. */
  readonly identity: string;
  /**
   * False when no schedule depends on the length of the run, so that more epochs may be
   * added to it; true unless told.
   */
  readonly dependsOnLength?: boolean;
  /** Draws the initial weights and clears the optimizer. */
  readonly initialize: (run: RunLength) => void | Promise<void>;
  /**
   * All steps of the section for one batch, up to the first loss that is not finite, whose
   * step changes nothing; NaN for those after it. `step` counts the updates before it, and
   * `draw` the batches, which random numbers follow; as many unless gradients are accumulated.
   */
  readonly step: (
    inputs: BatchInputs,
    step: number,
    draw?: number,
  ) => readonly number[] | Promise<readonly number[]>;
  /** Adds the gradients of a batch to those that the next `step` updates by. Absent where that cannot be. */
  readonly accumulate?: (
    inputs: BatchInputs,
    step: number,
    draw: number,
  ) => readonly number[] | Promise<readonly number[]>;
  /** Means over the batch, in inference mode. */
  readonly evaluate: (inputs: BatchInputs) => readonly number[] | Promise<readonly number[]>;
  /** Copies of all parameters, statistics and optimizer state, by unique name. */
  readonly state: () => ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>;
  /** Takes such a state back; throws a UserError when a name or shape differs. */
  readonly restore: (state: ReadonlyMap<string, Tensor>, run: RunLength) => void | Promise<void>;
  /** Parameters and statistics, by the names that a weights file has. */
  readonly weights: () => ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>;
}
