/**
 * The folder of a run: its checkpoints while it lasts, its weights, losses, curves and
 * metrics when it ends.
 *
 * Invariant: every file is written atomically; what is there is always complete.
 */
import { join } from "node:path";
import { fileArray, type FileArray } from "../files/array.js";
import {
  listFolder,
  pathKind,
  prepareFolder,
  readFile,
  removeFile,
  removeTemporaries,
  writeFileAtomically,
} from "../files/node-files.js";
import { readSafetensors, writeSafetensors } from "../files/safetensors.js";
import { UserError } from "../program/user-error.js";
import type { Tensor } from "../tensor.js";
import type { CheckpointStore, Slot } from "./checkpoint-slots.js";
import { curvesSvg } from "./curves-svg.js";
import type { TrainEvent, TrainResult } from "./events.js";
import { lossesCsv } from "./losses-csv.js";
import { metricsReport, type MetricsReport } from "./metrics-json.js";
import { refuseToReplace } from "./node-run-guard.js";
import { planRun } from "./plan-run.js";
import { identifyRun } from "./run-identity.js";
import { bestName, rememberUnwritten, snapshotName, type SnapshotStore } from "./snapshots.js";
import { train } from "./train.js";
import type { TrainOptions } from "./train-options.js";

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
  /** The files of the snapshots, in order. */
  readonly snapshots: readonly string[];
}

export interface FolderOptions extends Omit<TrainOptions, "checkpoints" | "snapshotStore"> {
  /** Whose weights the run's are: the last, or those of the best epoch, as where one is looked for. */
  readonly keep?: "last" | "best";
  /** Begins anew in a folder that holds another run. Without it, that is refused. */
  readonly overwrite?: boolean;
}

/** Is told every event, and waited for: it may compute with the session, and write files. */
export type TrainObserver = (event: TrainEvent) => void | Promise<void>;

/**
 * Trains with checkpoints in `folder`, tells every event to the observers in turn, and
 * writes the run's files. Throws what `train` and observers throw, and a UserError when a
 * file cannot be written; a folder that cannot be used, or holds what would be lost, is
 * refused before anything is computed.
 */
export async function trainInFolder(
  folder: string,
  options: FolderOptions,
  ...observers: readonly TrainObserver[]
): Promise<FolderRun> {
  prepareFolder(folder);
  const plan = planRun(options);
  const identity = identifyRun(options.session, options.data, { ...options, plan });
  const files = runFiles(folder);
  const checkpoints = folderStore(folder);
  const snapshotStore = rememberUnwritten(folderSnapshots(folder));
  if (options.overwrite !== true) {
    const kept = [files.weights, snapshotStore.describe(bestName)];
    await refuseToReplace(folder, kept, checkpoints, { plan, identity, resume: options.resume === true });
  }
  const events = train({ ...options, checkpoints, snapshotStore });
  let next = await events.next();
  while (next.done !== true) {
    for (const observe of observers) await observe(next.value);
    next = await events.next();
  }
  const result = next.value;
  const keep = result.best === null ? "last" : (options.keep ?? "best");
  const metrics = metricsReport(result, keep);
  const best = keep === "best" ? await snapshotStore.read(bestName) : null;
  writeFileAtomically(files.weights, encodeWeights(best ?? (await options.session.weights())));
  writeFileAtomically(files.losses, lossesCsv(result));
  writeFileAtomically(files.curves, curvesSvg(result));
  writeFileAtomically(files.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  // The results are written first: they are smaller, and may find room where a checkpoint does not.
  if (result.unsaved !== null) {
    throw new UserError(
      result.unsaved.message,
      "The run's results are written, and the checkpoint before this one stands; --resume goes on from there.",
    );
  }
  const taken = plan.snapshotSteps.filter((step) => step <= result.step);
  const snapshots = taken.map((_, i) => snapshotStore.describe(snapshotName(i + 1)));
  return { result, report: metrics, files, snapshots };
}

/** Keeps the best weights and snapshots as files of a folder: `best.safetensors`, `snapshot-1.safetensors`. */
export function folderSnapshots(folder: string): SnapshotStore {
  const path = (name: string): string => join(folder, `${name}.safetensors`);
  return {
    write: (name, weights) => {
      writeFileAtomically(path(name), encodeWeights(weights));
    },
    read: (name) => {
      if (pathKind(path(name)) === "missing") return null;
      const { tensors } = readSafetensors(readFile(path(name)), path(name));
      return new Map([...tensors].flatMap(([key, array]) => (array.dataType === "u8" ? [] : [[key, array]])));
    },
    clear: () => {
      for (const name of listFolder(folder)) {
        if (/^(best|snapshot-\d+)\.safetensors$/.test(name)) removeFile(join(folder, name));
      }
    },
    describe: path,
  };
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
