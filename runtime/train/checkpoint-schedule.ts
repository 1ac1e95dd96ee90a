/**
 * When a checkpoint is due: often enough to lose little, rarely enough to cost little.
 * Only the clock and the step count decide, and nothing of the result depends on it.
 */

export interface CheckpointTimes {
  /** At the latest after so many steps; no limit unless given. */
  readonly steps?: number;
  /** Every so many seconds; 2 unless given. */
  readonly seconds?: number;
}

export interface CheckpointSchedule {
  /** Starts counting. */
  readonly begin: (step: number) => void;
  readonly isDue: (step: number) => boolean;
  /** One was saved just now; `isDue` was asked when it began. */
  readonly saved: (step: number) => void;
}

/** Saving may take one part in this many of the run's time. */
const cheapness = 20;

/** `clock` gives milliseconds. */
export function createCheckpointSchedule(
  clock: () => number,
  { steps = Infinity, seconds = 2 }: CheckpointTimes = {},
): CheckpointSchedule {
  let lastStep = 0;
  let lastEnd = 0;
  let askedAt = 0;
  let cost = 0;
  return {
    begin: (step) => {
      lastStep = step;
      lastEnd = clock();
    },
    isDue: (step) => {
      askedAt = clock();
      return step - lastStep >= steps || askedAt - lastEnd >= Math.max(1000 * seconds, cheapness * cost);
    },
    saved: (step) => {
      lastStep = step;
      lastEnd = clock();
      cost = Math.max(0, lastEnd - askedAt);
    },
  };
}
