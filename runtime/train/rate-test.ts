/**
 * The learning-rate range test: training with a rate that grows from step to step, until the
 * loss diverges (Smith, "Cyclical Learning Rates for Training Neural Networks", 2017).
 *
 * Invariant: the session's own schedule plays no part; `rateAt` is all there is.
 */
import { batchesPerEpoch, createBatchReader, shuffledOrder } from "../data/batches.js";
import type { MatchedData } from "../data/match-inputs.js";
import { UserError } from "../program/user-error.js";
import { createPauses } from "./pauses.js";
import { createSmoother } from "../chart/smooth.js";
import type { TrainingSession } from "./training-session.js";

export interface RateRange {
  readonly from: number;
  readonly to: number;
  readonly steps: number;
}

/** The rate of a step, counted from 0: from the first to the last by equal factors. */
export function rateAt({ from, to, steps }: RateRange, step: number): number {
  return from * (to / from) ** (step / Math.max(1, steps - 1));
}

/** Throws a UserError for a range that is none. */
export function checkRange({ from, to, steps }: RateRange): void {
  if (!(from > 0) || !(to > from) || !Number.isFinite(to)) {
    throw new UserError(`the rates go from ${from} to ${to}, and should grow from a number above 0`);
  }
  if (!Number.isInteger(steps) || steps < 10) {
    throw new UserError(`the test takes ${steps} steps, and should take at least 10`);
  }
}

export interface RateStep {
  /** Steps made, this one included. */
  readonly step: number;
  readonly rate: number;
  /** The mean of the section's losses. */
  readonly loss: number;
  /** Its moving average, which is what is judged. */
  readonly smoothed: number;
}

export interface RateTestOptions {
  /** A session whose rates are those of `rateAt`. */
  readonly session: TrainingSession;
  readonly data: MatchedData;
  readonly batch: number;
  readonly seed: number;
  readonly range: RateRange;
  readonly signal?: AbortSignal;
  /** Milliseconds; `performance.now` unless given. */
  readonly clock?: () => number;
}

/** Diverged: the smoothed loss is so many times the lowest one, counted from the run's first losses. */
const divergence = 4;
const smoothingSteps = 20;

/** Makes the steps, yielding each, until the last one or until the loss diverges. */
export async function* testRates(options: RateTestOptions): AsyncGenerator<RateStep, void> {
  const { session, data, batch, seed, range, signal } = options;
  checkRange(range);
  const epochSteps = batchesPerEpoch(data.train.count, batch);
  await session.initialize({ seed, steps: range.steps, epochSteps });
  const pause = createPauses(options.clock ?? (() => performance.now()));
  const read = createBatchReader(data.train, batch);
  const smooth = createSmoother(smoothingSteps);
  let order: Uint32Array = new Uint32Array(0);
  let lowest = Infinity;
  for (let step = 0; step < range.steps && signal?.aborted !== true; step++) {
    await pause();
    if (step % epochSteps === 0) order = shuffledOrder(data.train.count, seed, step / epochSteps);
    const losses = await session.step(read(order, step % epochSteps).inputs, step);
    const loss = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    if (!Number.isFinite(loss)) return;
    const smoothed = smooth(loss);
    yield { step: step + 1, rate: rateAt(range, step), loss, smoothed };
    // A loss that may be negative has no multiple that means anything.
    if (lowest > 0 && step >= smoothingSteps / 2 && smoothed > divergence * lowest) return;
    lowest = Math.min(lowest, smoothed);
  }
}

export interface RateAdvice {
  /** Where the smoothed loss was lowest, and a tenth of that rate: a good constant rate or peak. */
  readonly lowest: number;
  readonly tenth: number;
  /** Where it fell fastest. */
  readonly steepest: number;
}

/** What the test says; null when the loss never fell, or nothing can be said of so few steps. */
export function adviseRate(steps: readonly RateStep[]): RateAdvice | null {
  const bottom = indexOfLowest(steps.map(({ smoothed }) => smoothed));
  const reach = Math.max(2, Math.round(steps.length / 20));
  if (bottom < 2 * reach) return null;
  // The fall over a few steps on both sides; the first ones only fill the moving average.
  const falls = steps.slice(0, bottom + 1).map((_, at) => {
    const [before, after] = [steps[at - reach], steps[Math.min(bottom, at + reach)]];
    return at < 2 * reach || before === undefined || after === undefined
      ? Infinity
      : (after.smoothed - before.smoothed) / Math.log(after.rate / before.rate);
  });
  const steepest = steps[indexOfLowest(falls)]!;
  const lowest = steps[bottom]!.rate;
  return { lowest, tenth: lowest / 10, steepest: steepest.rate };
}

function indexOfLowest(values: readonly number[]): number {
  let best = 0;
  for (const [at, value] of values.entries()) if (value < values[best]!) best = at;
  return best;
}
