/**
 * What makes a run the same run: net and section, data, and the settings that its
 * results depend on.
 */
import { crc32 } from "../files/crc32.js";
import { identifyingBytes } from "../data/column-values.js";
import { splitsOf } from "../data/dataset.js";
import type { MatchedData, MatchedSplit } from "../data/match-inputs.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import type { RunPlan } from "./events.js";
import type { TrainingSession } from "./training-session.js";

/** Enough of every array to tell data sets apart, without reading gigabytes twice. */
const sampledBytes = 2 ** 20;

/** What is compared by fingerprints, which tell a reader nothing, and how to say that they differ. */
const fingerprints: ReadonlyMap<string, string> = new Map([
  ["compiled net", "the compiled net is not the same"],
  ["data", "the data are not the same"],
  ["initial weights", "it began with other weights"],
]);

/** `batch 16 instead of 8, seed 5 instead of 7`; null when there is no difference. */
export function explainDifference(saved: RunIdentity, asked: RunIdentity): string | null {
  const keys = [...new Set([...Object.keys(asked), ...Object.keys(saved)])];
  const changed = keys.filter((key) => saved[key] !== asked[key]);
  const settings = changed.filter((key) => !fingerprints.has(key));
  // A setting that changed changes fingerprints as well, and says more than they do.
  const differences =
    settings.length > 0
      ? settings.map((key) => `${key} ${saved[key] ?? "none"} instead of ${asked[key] ?? "none"}`)
      : changed.map((key) => fingerprints.get(key) ?? key);
  return differences.length === 0 ? null : differences.join(", ");
}

/** What results depend on, beside session and data. */
interface RunSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly accumulate?: number;
  readonly seed: number;
  readonly plan: RunPlan;
  readonly facts?: RunIdentity;
}

/** The facts that must agree for a checkpoint to be resumed, by the words they have in messages. */
export function identifyRun(session: TrainingSession, data: MatchedData, settings: RunSettings): RunIdentity {
  const { monitor, snapshotSteps } = settings.plan;
  return {
    section: session.section,
    "compiled net": session.identity,
    "training examples": data.train.count,
    "test examples": data.test?.count ?? 0,
    ...(data.validation === null ? {} : { "validation examples": data.validation.count }),
    data: dataFingerprint(data),
    epochs: settings.epochs,
    batch: settings.batch,
    ...(settings.accumulate === undefined || settings.accumulate === 1
      ? {}
      : { accumulate: settings.accumulate }),
    seed: settings.seed,
    // What is not asked for has no entry, so that a run begun without it is still the same run.
    ...(monitor === null ? {} : { monitor: `${monitor.name}:${monitor.direction}` }),
    ...(snapshotSteps.length === 0 ? {} : { snapshots: snapshotSteps.length }),
    ...settings.facts,
  };
}

/** A fingerprint of a text, such as all that a program computes. */
export function textFingerprint(text: string): string {
  return bytesFingerprint(new TextEncoder().encode(text));
}

export function bytesFingerprint(bytes: Uint8Array): string {
  return inHex(crc32(bytes));
}

function inHex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

/** A fingerprint of the beginning of every array. */
export function dataFingerprint(data: MatchedData): string {
  let checksum = 0;
  for (const { columns } of splitsOf<MatchedSplit>(data)) {
    for (const { values } of columns) {
      checksum = crc32(identifyingBytes(values, sampledBytes), checksum);
    }
  }
  return inHex(checksum);
}
