/**
 * Where a run is, and what it has measured so far: plain data, all that a checkpoint
 * keeps beside the session's own state.
 *
 * Invariant: sums are accumulated in float64 in the order of the steps, never
 * recomputed, so a resumed run has the same means to the last bit.
 */

export interface ProgressState {
  /** Steps made in the whole run. */
  readonly step: number;
  /** Epochs finished. */
  readonly epoch: number;
  /** Batches made in the epoch under way. */
  readonly batchInEpoch: number;
  /** Sums over the examples of the epoch under way, per loss. */
  readonly lossSums: readonly number[];
  readonly examplesInEpoch: number;
  readonly epochs: readonly EpochResult[];
}

export interface EpochResult {
  /** Counted from 1. */
  readonly epoch: number;
  /** Means over the epoch's examples, while the weights were changing. */
  readonly losses: readonly number[];
  /** After the epoch, on the test data. */
  readonly metrics: readonly number[];
}

export function initialProgress(losses: number): ProgressState {
  return {
    step: 0,
    epoch: 0,
    batchInEpoch: 0,
    lossSums: Array.from({ length: losses }, () => 0),
    examplesInEpoch: 0,
    epochs: [],
  };
}

/** After one more step on `size` examples. */
export function afterStep(state: ProgressState, losses: readonly number[], size: number): ProgressState {
  return {
    ...state,
    step: state.step + 1,
    batchInEpoch: state.batchInEpoch + 1,
    lossSums: state.lossSums.map((sum, i) => sum + losses[i]! * size),
    examplesInEpoch: state.examplesInEpoch + size,
  };
}

/** After the last step of an epoch, with what was then measured. */
export function afterEpoch(state: ProgressState, metrics: readonly number[]): ProgressState {
  const result = { epoch: state.epoch + 1, losses: meanLosses(state), metrics };
  return {
    ...initialProgress(state.lossSums.length),
    step: state.step,
    epoch: state.epoch + 1,
    epochs: [...state.epochs, result],
  };
}

/** Means over the examples of the epoch under way. */
export function meanLosses(state: ProgressState): readonly number[] {
  return state.lossSums.map((sum) => sum / Math.max(1, state.examplesInEpoch));
}
