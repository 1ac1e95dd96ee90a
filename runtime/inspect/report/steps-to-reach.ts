/** How many steps a run takes to be as good as asked for. */
import { isFraction } from "../../train/format-numbers.js";
import type { RunRecord } from "./run-record.js";

export interface Goal {
  readonly metric: string;
  readonly value: number;
}

/** The steps after which a metric was first measured as good as the goal or better; null when never. */
export function stepsToReach({ metrics, epochs, stepsPerEpoch }: RunRecord, goal: Goal): number | null {
  const column = metrics.indexOf(goal.metric);
  const found = epochs.find((epoch) => {
    const value = epoch.metrics[column] ?? null;
    return value !== null && (growsBetter(goal.metric) ? value >= goal.value : value <= goal.value);
  });
  return found === undefined ? null : found.epoch * stepsPerEpoch;
}

/** Round accuracies that people ask for. */
const roundShares = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995];
const mostGoals = 5;

/**
 * Goals for the accuracies that all runs measure: at least one run reaches each, not all
 * runs at once, and of goals that are reached at the same steps the highest.
 */
export function goalsOf(runs: readonly RunRecord[]): readonly Goal[] {
  const shared = (runs[0]?.metrics ?? []).filter(
    (metric) =>
      isFraction(metric) && growsBetter(metric) && runs.every(({ metrics }) => metrics.includes(metric)),
  );
  return shared.flatMap((metric) => {
    const reached = roundShares.flatMap((value) => {
      const steps = runs.map((run) => stepsToReach(run, { metric, value }));
      const tells = steps.some((count) => count !== null) && new Set(steps).size > 1;
      return tells ? [{ metric, value, key: steps.join() }] : [];
    });
    const highest = reached.filter(({ key }, at) => reached[at + 1]?.key !== key);
    return highest.slice(-mostGoals).map(({ value }) => ({ metric, value }));
  });
}

function growsBetter(metric: string): boolean {
  return !/error|loss/i.test(metric) && isFraction(metric);
}
