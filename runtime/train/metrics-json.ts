/**
 * What a run came to, for programs. No times: two runs with the same seed write the
 * same file.
 */
import type { TrainResult } from "./events.js";

export interface MetricsReport {
  readonly section: string;
  readonly finished: boolean;
  readonly steps: number;
  readonly batch: number;
  /** Which examples the metrics were computed on. */
  readonly measured_on: "train" | "test";
  readonly epochs: readonly {
    readonly epoch: number;
    readonly losses: Readonly<Record<string, number>>;
    readonly metrics: Readonly<Record<string, number>>;
  }[];
  /** After the last epoch; null when none was finished. */
  readonly final: {
    readonly losses: Readonly<Record<string, number>>;
    readonly metrics: Readonly<Record<string, number>>;
  } | null;
}

/** Plain data, ready for JSON. */
export function metricsReport({ plan, epochs, isFinished, step }: TrainResult): MetricsReport {
  const named = (names: readonly string[], values: readonly number[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const results = epochs.map(({ epoch, losses, metrics }) => ({
    epoch,
    losses: named(plan.losses, losses),
    metrics: named(plan.metrics, metrics),
  }));
  const last = results.at(-1);
  return {
    section: plan.section,
    finished: isFinished,
    steps: step,
    batch: plan.batch,
    measured_on: plan.validationOn,
    epochs: results,
    final: last === undefined ? null : { losses: last.losses, metrics: last.metrics },
  };
}
