/**
 * The folder of a run: its checkpoints while it lasts, its weights, losses, curves and
 * metrics when it ends.
 *
 * Invariant: every file is written atomically; what is there is always complete.
 */
import { join } from "node:path";
import { fileArray, type FileArray } from "../files/array.js";
import {
  pathKind,
  prepareFolder,
  readFile,
  removeFile,
  removeTemporaries,
  writeFileAtomically,
} from "../files/node-files.js";
import { writeSafetensors } from "../files/safetensors.js";
import type { Tensor } from "../tensor.js";
import type { CheckpointStore, Slot } from "./checkpoint-slots.js";
import { curvesSvg } from "./curves-svg.js";
import type { TrainEvent, TrainResult } from "./events.js";
import { lossesCsv } from "./losses-csv.js";
import { metricsReport, type MetricsReport } from "./metrics-json.js";
import { train, type TrainOptions } from "./train.js";

/** The files of a finished run. */
export interface RunFiles {
  readonly weights: string;
  readonly losses: string;
  readonly curves: string;
  readonly metrics: string;
}

/** Where the files of a run in `folder` are, or will be. */
export function runFiles(folder: string): RunFiles {
  return {
    weights: join(folder, "weights.safetensors"),
    losses: join(folder, "losses.csv"),
    curves: join(folder, "losses.svg"),
    metrics: join(folder, "metrics.json"),
  };
}

export interface FolderRun {
  readonly result: TrainResult;
  readonly report: MetricsReport;
  readonly files: RunFiles;
}

/**
 * Trains with checkpoints in `folder`, tells every event to `report`, and writes the
 * run's files. Throws what `train` throws, and a UserError when a file cannot be written;
 * a folder that cannot be used is refused before anything is computed.
 */
export async function trainInFolder(
  folder: string,
  options: Omit<TrainOptions, "checkpoints">,
  report: (event: TrainEvent) => void = () => undefined,
): Promise<FolderRun> {
  prepareFolder(folder);
  const events = train({ ...options, checkpoints: folderStore(folder) });
  let next = await events.next();
  while (next.done !== true) {
    report(next.value);
    next = await events.next();
  }
  const result = next.value;
  const files = runFiles(folder);
  const metrics = metricsReport(result);
  writeFileAtomically(files.weights, encodeWeights(await options.session.weights()));
  writeFileAtomically(files.losses, lossesCsv(result));
  writeFileAtomically(files.curves, curvesSvg(result));
  writeFileAtomically(files.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  return { result, report: metrics, files };
}

/** Keeps checkpoints as two files of a folder. */
export function folderStore(folder: string): CheckpointStore {
  const path = (slot: Slot): string => join(folder, `checkpoint-${slot}.safetensors`);
  return {
    write: (slot, bytes) => writeFileAtomically(path(slot), bytes),
    read: (slot) => {
      removeTemporaries(path(slot));
      return pathKind(path(slot)) === "missing" ? null : readFile(path(slot));
    },
    clear: () => {
      for (const slot of [0, 1] as const) removeFile(path(slot));
    },
    describe: path,
  };
}

function encodeWeights(weights: ReadonlyMap<string, Tensor>): Uint8Array {
  const arrays = new Map<string, FileArray>();
  for (const [name, tensor] of weights) arrays.set(name, fileArray(tensor));
  return writeSafetensors(arrays);
}
