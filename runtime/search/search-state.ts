/**
 * How far a search came, as the file that it goes on from.
 *
 * Invariant: what is read back has the declared type; anything else is null, whoever wrote it.
 */
import { parseRun, type RunIdentity } from "../train/checkpoint-fields.js";
import type { Monitor } from "../train/monitor.js";
import type { Trial, TrialOutcome } from "./trials.js";

export interface SearchState {
  /** What must be the same for finished trials to count. */
  readonly identity: RunIdentity;
  /** What decides which trial is the best; null before one was finished. */
  readonly monitor: Monitor | null;
  /** In the order they were made. */
  readonly trials: readonly Trial[];
}

export function formatState(state: SearchState): string {
  return `${JSON.stringify(state, null, 2)}\n`;
}

export function parseState(text: string): SearchState | null {
  const value = parseObject(text);
  const identity = parseRun(JSON.stringify(value?.["identity"] ?? null));
  const [monitor, trials] = [readMonitor(value?.["monitor"]), value?.["trials"]];
  if (identity === null || monitor === undefined || !Array.isArray(trials)) return null;
  const read = trials.map(readTrial);
  return read.every((trial) => trial !== null) ? { identity, monitor, trials: read } : null;
}

function readMonitor(value: unknown): Monitor | null | undefined {
  if (value === null) return null;
  if (!isObject(value) || typeof value["name"] !== "string") return undefined;
  const direction = value["direction"];
  return direction === "up" || direction === "down" ? { name: value["name"], direction } : undefined;
}

function readTrial(value: unknown): Trial | null {
  if (!isObject(value)) return null;
  const { number, settings } = value;
  const outcome = readOutcome(value["outcome"]);
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1 || outcome === null)
    return null;
  return isRecordOf(settings, "string") ? { number, settings, outcome } : null;
}

function readOutcome(value: unknown): TrialOutcome | null {
  if (!isObject(value)) return null;
  if (value["kind"] === "failed") {
    return typeof value["reason"] === "string" ? { kind: "failed", reason: value["reason"] } : null;
  }
  const { value: best, bestEpoch, epochs } = value;
  // What is not finite has no word in JSON, and is null there.
  const metrics = Object.entries(isObject(value["metrics"]) ? value["metrics"] : {}).map(
    ([name, number]) => [name, number ?? NaN] as const,
  );
  const measured: unknown = Object.fromEntries(metrics);
  if (typeof best !== "number" || typeof bestEpoch !== "number" || typeof epochs !== "number") return null;
  if (value["kind"] !== "finished" || !isRecordOf(measured, "number")) return null;
  return { kind: "finished", value: best, bestEpoch, epochs, metrics: measured };
}

interface Types {
  readonly string: string;
  readonly number: number;
}

function isRecordOf<T extends keyof Types>(value: unknown, type: T): value is Record<string, Types[T]> {
  return isObject(value) && Object.values(value).every((item) => typeof item === type);
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
