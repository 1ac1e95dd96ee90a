/** What `train` and `evaluate` share: a compiled section, its data, its session. */
import { openDataset } from "../../runtime/data/node-open-dataset.js";
import { batchSizes } from "../../runtime/data/batches.js";
import { type MatchedData, matchInputs } from "../../runtime/data/match-inputs.js";
import { crc32 } from "../../runtime/files/crc32.js";
import { readFile } from "../../runtime/files/node-files.js";
import { readWeights } from "../../runtime/files/weights-file.js";
import type { Program } from "../../runtime/program/program.js";
import type { Model, TrainModel } from "../check/model.js";
import { compileModel } from "../compile.js";
import type { EntryPointRequest } from "../entry-points.js";
import { printGraph } from "../ir/print.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";
import { fileArrays } from "./file-arrays.js";
import { declarationsOf } from "./inputs.js";
import { readSizes } from "./model-options.js";

export const dataOption: OptionDefinition = {
  name: "data",
  value: "DIR",
  repeated: true,
  summary: "a folder, a file (repeatable), or `digits`, the built-in drawn digits",
};

export interface SectionData {
  readonly data: MatchedData;
  /** Every batch size that occurs, so that the last smaller batch has a plan of its own. */
  readonly trainBatches: readonly number[];
  readonly testBatches: readonly number[];
}

/** Opens `--data` and matches it to the section's inputs, before anything is compiled. */
export function openSectionData(section: TrainModel, options: ParsedOptions, batch: number): SectionData {
  const specifiers = options.list("data");
  if (specifiers.length === 0) {
    throw new UsageError("--data is needed: a folder, files, or `digits`, the built-in drawn digits");
  }
  const data = matchInputs(declarationsOf(section, readSizes(options)), openDataset(specifiers));
  return {
    data,
    trainBatches: batchSizes(data.train.count, batch),
    testBatches: batchSizes((data.test ?? data.train).count, batch),
  };
}

/** The program, and a fingerprint of what it computes that no number of threads changes. */
export function compileSection(
  model: Model,
  requests: readonly EntryPointRequest[],
  settings: { readonly threads: number; readonly sizes: Readonly<Record<string, number>> },
): { readonly program: Program; readonly identity: string } {
  const graphs = new Map<string, string>();
  const program = compileModel(model, {
    entryPoints: requests,
    ...settings,
    onPass: (entryPoint, _pass, graph) => graphs.set(entryPoint, printGraph(graph)),
  });
  const text = new TextEncoder().encode([...graphs.values()].join("\n"));
  return { program, identity: crc32(text).toString(16).padStart(8, "0") };
}

/** `--weights`, in whichever format; null when not given. */
export function readWeightsOption(options: ParsedOptions) {
  const path = options.text("weights");
  if (path === null) return null;
  return {
    tensors: fileArrays(readWeights(readFile(path), path)),
    partial: options.flag("partial"),
    source: path,
  };
}
