/**
 * Which epoch was the best, and when to give up waiting for a better one.
 *
 * Invariant: everything follows from what was measured after the epochs so far, so a
 * resumed run knows it as the whole one does, and a checkpoint keeps nothing more for it.
 */
import { UserError } from "../program/user-error.js";
import type { EpochResult } from "./progress-state.js";

/** `up` where larger values are better. */
export type Direction = "up" | "down";

export interface Monitor {
  /** One of the measured values. */
  readonly name: string;
  readonly direction: Direction;
}

export interface BestEpoch {
  /** Counted from 1. */
  readonly epoch: number;
  readonly value: number;
}

/** What a session measures, as far as a monitor must know it. */
interface Measured {
  readonly losses: readonly string[];
  readonly metrics: readonly string[];
}

/** Stands for the first metric, or the loss where there is none. */
export const firstMeasured = "auto";

/**
 * The monitor that `request` names: a measured value, with `:up` or `:down` behind it where
 * its name does not tell which is better, or `auto`. Throws a UserError when there is none.
 */
export function chooseMonitor({ losses, metrics }: Measured, request: string): Monitor {
  const [asked = "", direction, ...more] = request.split(":");
  const name = asked === firstMeasured ? (metrics.find((one) => !losses.includes(one)) ?? metrics[0]) : asked;
  if (name === undefined) {
    throw new UserError(
      "nothing is measured after an epoch, so no epoch can be the best",
      "Give the train section a metric: metric accuracy = accuracy(logits, label).",
    );
  }
  if (!metrics.includes(name)) {
    throw new UserError(`there is no measured value ${name} to monitor; there are ${metrics.join(", ")}`);
  }
  const known = direction ?? (losses.includes(name) ? "down" : usualDirection(name));
  if ((known === "up" || known === "down") && more.length === 0) return { name, direction: known };
  throw new UserError(
    direction === undefined
      ? `nobody can tell from its name whether a larger or a smaller ${name} is better`
      : `a monitor ends in :up or :down, and ${request} does not`,
    `Say it: ${name}:up, or ${name}:down.`,
  );
}

/** The better direction of values that are usually called so; null for others. */
function usualDirection(name: string): Direction | null {
  if (/loss|error|mse|mae|rmse|perplexity|distance|divergence|entropy/i.test(name)) return "down";
  if (/accuracy|^top|f1|iou|dice|psnr|ssim|precision|recall|auc|similarity|score|r2/i.test(name)) return "up";
  return null;
}

export function isBetter(direction: Direction, value: number, than: number): boolean {
  return direction === "up" ? value > than : value < than;
}

/** The first of the best epochs; null before one had a finite value. */
export function bestEpoch(monitored: MonitoredRun, epochs: readonly EpochResult[]): BestEpoch | null {
  let best: BestEpoch | null = null;
  for (const measured of valuesOf(monitored, epochs)) {
    best = betterOf(monitored.monitor.direction, best, measured);
  }
  return best;
}

/** A monitor, and the order that its run measures in. */
export interface MonitoredRun {
  readonly monitor: Monitor;
  readonly metrics: readonly string[];
}

/**
 * The epoch after which a run with this patience ends: the first that is so many epochs
 * after the best one before it. Null when it goes on.
 */
export function lastEpochFor(
  monitored: MonitoredRun,
  patience: number,
  epochs: readonly EpochResult[],
): number | null {
  let best: BestEpoch | null = null;
  for (const measured of valuesOf(monitored, epochs)) {
    best = betterOf(monitored.monitor.direction, best, measured);
    if (measured.epoch - (best?.epoch ?? 0) >= patience) return measured.epoch;
  }
  return null;
}

function betterOf(direction: Direction, best: BestEpoch | null, measured: BestEpoch): BestEpoch | null {
  if (!Number.isFinite(measured.value)) return best;
  return best === null || isBetter(direction, measured.value, best.value) ? measured : best;
}

function valuesOf({ monitor, metrics }: MonitoredRun, epochs: readonly EpochResult[]) {
  const index = metrics.indexOf(monitor.name);
  return epochs.map(({ epoch, metrics: values }) => ({ epoch, value: values[index] ?? NaN }));
}
