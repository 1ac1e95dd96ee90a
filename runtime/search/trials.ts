/** What the trials of a search came to: their order, as a table of values, and as a file that a search goes on from. */
import type { MetricsReport } from "../train/metrics-json.js";
import { isBetter, type Direction } from "../train/monitor.js";
import type { Point } from "./space.js";

export interface Trial {
  /** Counted from 1. */
  readonly number: number;
  readonly settings: Point;
  readonly outcome: TrialOutcome;
}

export type TrialOutcome =
  | {
      readonly kind: "finished";
      /** Of its best epoch, in what is monitored. */
      readonly value: number;
      readonly bestEpoch: number;
      readonly epochs: number;
      /** What was measured after the best epoch, by name. */
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly kind: "failed"; readonly reason: string };

export function isFinished(
  trial: Trial,
): trial is Trial & { readonly outcome: TrialOutcome & { kind: "finished" } } {
  return trial.outcome.kind === "finished";
}

/** What a run's metrics say about its trial. */
export function outcomeOf({ monitor, epochs, section }: MetricsReport): TrialOutcome {
  const best = monitor?.best ?? null;
  const result = epochs.find(({ epoch }) => epoch === best?.epoch);
  if (best === null || result === undefined) {
    return { kind: "failed", reason: `no epoch of ${section} had a finite value` };
  }
  const { value, epoch } = best;
  return { kind: "finished", value, bestEpoch: epoch, epochs: epochs.length, metrics: result.metrics };
}

/** The best first, of equal ones the earlier; failed ones last. */
export function sortTrials(trials: readonly Trial[], direction: Direction): readonly Trial[] {
  const byNumber = (a: Trial, b: Trial): number => a.number - b.number;
  const finished = trials.filter(isFinished).sort((a, b) => {
    if (a.outcome.value === b.outcome.value) return byNumber(a, b);
    return isBetter(direction, a.outcome.value, b.outcome.value) ? -1 : 1;
  });
  const failed = trials.filter((trial) => !isFinished(trial)).sort(byNumber);
  return [...finished, ...failed];
}

/** CSV text: the trials in the given order, settings and metrics in columns of their own. */
export function trialsCsv(trials: readonly Trial[]): string {
  const names = Object.keys(trials[0]?.settings ?? {});
  const metrics = [
    ...new Set(trials.filter(isFinished).flatMap(({ outcome }) => Object.keys(outcome.metrics))),
  ];
  const head = ["trial", ...names, ...metrics, "best_epoch", "epochs", "failure"];
  const rows = trials.map(({ number, settings, outcome }) => {
    const measured =
      outcome.kind === "finished"
        ? [...metrics.map((name) => outcome.metrics[name] ?? ""), outcome.bestEpoch, outcome.epochs, ""]
        : [...metrics.map(() => ""), "", "", outcome.reason];
    return [number, ...names.map((name) => settings[name] ?? ""), ...measured];
  });
  return [head, ...rows]
    .map((cells) => `${cells.map((cell) => quoteCell(String(cell))).join(",")}\n`)
    .join("");
}

function quoteCell(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
