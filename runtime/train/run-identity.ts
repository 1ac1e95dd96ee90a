/**
 * What makes a run the same run: net and section, data, and the settings that its
 * results depend on.
 */
import { crc32 } from "../files/crc32.js";
import type { MatchedData, MatchedSplit } from "../data/match-inputs.js";
import type { RunIdentity } from "./checkpoint-fields.js";
import type { TrainingSession } from "./training-session.js";

/** Enough of every array to tell data sets apart, without reading gigabytes twice. */
const sampledBytes = 2 ** 20;

/** What is compared by fingerprints, which tell a reader nothing, and how to say that they differ. */
export const fingerprints: ReadonlyMap<string, string> = new Map([
  ["compiled net", "the compiled net is not the same"],
  ["data", "the data are not the same"],
]);

/** The facts that must agree for a checkpoint to be resumed, by the words they have in messages. */
export function identifyRun(
  session: TrainingSession,
  data: MatchedData,
  settings: { readonly epochs: number; readonly batch: number; readonly seed: number },
): RunIdentity {
  return {
    section: session.section,
    "compiled net": session.identity,
    "training examples": data.train.count,
    "test examples": data.test?.count ?? 0,
    data: fingerprint([data.train, ...(data.test === null ? [] : [data.test])]),
    epochs: settings.epochs,
    batch: settings.batch,
    seed: settings.seed,
  };
}

function fingerprint(splits: readonly MatchedSplit[]): string {
  let checksum = 0;
  for (const { columns } of splits) {
    for (const { values } of columns) {
      const { buffer, byteOffset, byteLength } = values.data;
      checksum = crc32(new Uint8Array(buffer, byteOffset, Math.min(byteLength, sampledBytes)), checksum);
    }
  }
  return checksum.toString(16).padStart(8, "0");
}
