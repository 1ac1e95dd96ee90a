/**
 * What a run came to, for programs. No times: two runs with the same seed write the
 * same file.
 */
import type { SplitName } from "../data/dataset.js";
import type { TrainResult } from "./events.js";
import type { BestEpoch, Direction } from "./monitor.js";

export interface MetricsReport {
  readonly section: string;
  readonly finished: boolean;
  readonly steps: number;
  readonly batch: number;
  /** Which examples the metrics were computed on. */
  readonly measured_on: SplitName;
  /** What decided which epoch was the best; null when nothing did. */
  readonly monitor: {
    readonly name: string;
    readonly direction: Direction;
    readonly patience: number | null;
    /** Whether the run ended before its last epoch, as no better one came. */
    readonly stopped_early: boolean;
    readonly best: BestEpoch | null;
  } | null;
  /** Whether the run's weights are those after the last step, or of the best epoch. */
  readonly weights: "last" | "best";
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
export function metricsReport(result: TrainResult, weights: "last" | "best" = "last"): MetricsReport {
  const { plan, epochs, isFinished, step } = result;
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
    monitor: monitorReport(result),
    weights,
    epochs: results,
    final: last === undefined ? null : { losses: last.losses, metrics: last.metrics },
  };
}

function monitorReport({ plan, stoppedEarly, best }: TrainResult): MetricsReport["monitor"] {
  if (plan.monitor === null) return null;
  const { monitor, patience } = plan;
  return { ...monitor, patience, stopped_early: stoppedEarly, best };
}
