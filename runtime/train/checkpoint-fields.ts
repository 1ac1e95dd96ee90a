/**
 * The descriptive part of a checkpoint, read back from JSON.
 *
 * Invariant: what is returned has the declared type and is consistent with itself;
 * anything else is null, whoever wrote the file.
 */
import type { EpochResult, ProgressState } from "./progress-state.js";

/** What must be equal for a resumed run to end as the whole one would; names are for messages. */
export type RunIdentity = Readonly<Record<string, string | number>>;

export function parseRun(text: string): RunIdentity | null {
  const value = parseObject(text);
  if (value === null) return null;
  const entries: [string, string | number][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string" && typeof item !== "number") return null;
    entries.push([key, item]);
  }
  return Object.fromEntries(entries);
}

/** As JSON, with the numbers JSON has no word for as strings: a metric may be NaN. */
export function formatProgress(progress: ProgressState): string {
  return JSON.stringify(progress, (_, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

export function parseProgress(text: string): ProgressState | null {
  const value = parseObject(text);
  if (value === null) return null;
  const { step, epoch, batchInEpoch, examplesInEpoch, epochs } = value;
  const lossSums = readNumbers(value["lossSums"]);
  const counts = [step, epoch, batchInEpoch, examplesInEpoch];
  if (!counts.every(isCount) || lossSums === null || !Array.isArray(epochs)) return null;
  const results = epochs.map(readEpoch);
  if (results.length !== epoch || !results.every((result) => result !== null)) return null;
  return {
    step: Number(step),
    epoch: Number(epoch),
    batchInEpoch: Number(batchInEpoch),
    examplesInEpoch: Number(examplesInEpoch),
    lossSums,
    epochs: results,
  };
}

function readEpoch(value: unknown): EpochResult | null {
  if (!isObject(value)) return null;
  const { epoch } = value;
  const [losses, metrics] = [readNumbers(value["losses"]), readNumbers(value["metrics"])];
  if (!isCount(epoch) || losses === null || metrics === null) return null;
  return { epoch, losses, metrics };
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

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function readNumbers(value: unknown): readonly number[] | null {
  if (!Array.isArray(value)) return null;
  const isNumber = (item: unknown): boolean =>
    typeof item === "number" || item === "NaN" || item === "Infinity" || item === "-Infinity";
  return value.every(isNumber) ? value.map(Number) : null;
}
