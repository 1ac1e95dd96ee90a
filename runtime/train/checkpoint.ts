/**
 * A checkpoint: everything a run needs to go on as if it had never stopped, as one
 * safetensors file.
 *
 * Invariant: a file is taken for a checkpoint only when its checksum holds, so what
 * is damaged is refused instead of trained on.
 */
import { fileArray, type FileArray } from "../files/array.js";
import { crc32 } from "../files/crc32.js";
import { encodeElements } from "../files/elements.js";
import { fileError } from "../files/file-error.js";
import { readSafetensors, writeSafetensors } from "../files/safetensors.js";
import type { Tensor } from "../tensor.js";
import { formatProgress, parseProgress, parseRun, type RunIdentity } from "./checkpoint-fields.js";
import type { ProgressState } from "./progress-state.js";

export interface Checkpoint {
  /** What the run was; a run may only be resumed as the same. */
  readonly run: RunIdentity;
  readonly progress: ProgressState;
  /** A row per step, a column per loss. */
  readonly stepLosses: Float32Array;
  /** The session's parameters, statistics and optimizer state. */
  readonly state: ReadonlyMap<string, Tensor>;
}

const formatName = "tulle-checkpoint";
const formatVersion = 1;
const statePrefix = "state/";
const historyName = "history/losses";

/** The bytes of a checkpoint; the same for the same content. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { run, progress, stepLosses, state } = checkpoint;
  const width = Math.max(1, progress.lossSums.length);
  const arrays = new Map<string, FileArray>();
  arrays.set(historyName, {
    dataType: "f32",
    shape: [stepLosses.length / width, width],
    data: stepLosses,
  });
  for (const [name, tensor] of state) arrays.set(statePrefix + name, fileArray(tensor));
  const described = { run: JSON.stringify(run), progress: formatProgress(progress) };
  const metadata = new Map([
    ["format", formatName],
    ["version", String(formatVersion)],
    ["checksum", String(checksumOf(arrays, described))],
    ...Object.entries(described),
  ]);
  return writeSafetensors(arrays, metadata);
}

/** Reads a checkpoint back. Throws a UserError when it is damaged, something else, or of another version. */
export function decodeCheckpoint(bytes: Uint8Array, source: string): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes, source);
  if (metadata.get("format") !== formatName) {
    throw fileError(source, "this is a safetensors file, but not a checkpoint of a training run", null);
  }
  if (metadata.get("version") !== String(formatVersion)) {
    throw fileError(
      source,
      `this checkpoint was written by another version of Tulle (format ${metadata.get("version") ?? "?"})`,
      null,
      "Resume it with the version that wrote it, or begin a new run.",
    );
  }
  const described = { run: metadata.get("run") ?? "", progress: metadata.get("progress") ?? "" };
  if (metadata.get("checksum") !== String(checksumOf(tensors, described))) {
    throw fileError(source, "the checksum does not match: the checkpoint is damaged", null);
  }
  const run = parseRun(described.run);
  const progress = parseProgress(described.progress);
  const state = new Map<string, Tensor>();
  let stepLosses: Float32Array = new Float32Array(0);
  for (const [name, array] of tensors) {
    if (array.dataType === "u8") continue;
    if (name === historyName && array.dataType === "f32") stepLosses = array.data;
    else if (name.startsWith(statePrefix)) state.set(name.slice(statePrefix.length), array);
  }
  if (run === null || progress === null || stepLosses.length !== progress.step * progress.lossSums.length) {
    throw fileError(source, "the checkpoint contradicts itself", null);
  }
  return { run, progress, stepLosses, state };
}

/** Over names, shapes, elements and descriptions, in the order of their names. */
function checksumOf(
  arrays: ReadonlyMap<string, FileArray>,
  described: { readonly run: string; readonly progress: string },
): number {
  const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\n`);
  let checksum = crc32(text(described.run), crc32(text(described.progress)));
  const sorted = [...arrays].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, array] of sorted) {
    checksum = crc32(text(`${name} ${array.dataType} ${array.shape.join(" ")}`), checksum);
    checksum = crc32(encodeElements(array), checksum);
  }
  return checksum;
}
