/** What the commands that train and measure share: a section's data, and given weights. */
import { batchSizes } from "../../runtime/data/batches.js";
import type { Dataset } from "../../runtime/data/dataset.js";
import { type MatchedData, matchInputs } from "../../runtime/data/match-inputs.js";
import { readFile } from "../../runtime/files/node-files.js";
import { readWeights } from "../../runtime/files/weights-file.js";
import type { Tensor } from "../../runtime/tensor.js";
import { bytesFingerprint } from "../../runtime/train/run-identity.js";
import { measuredSplit } from "../../runtime/train/plan-run.js";
import type { TrainModel } from "../check/model.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";
import { openData, readMatchOptions } from "./data-options.js";
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
  readonly measuredBatches: readonly number[];
}

/** Opens `--data` and matches it to the section's inputs, before anything is compiled. */
export function openSectionData(section: TrainModel, options: ParsedOptions, batch: number): SectionData {
  return matchSectionData(section, openDataOption(options), options, batch);
}

/** Opens what `--data` names. */
export function openDataOption(options: ParsedOptions): Dataset {
  const specifiers = options.list("data");
  if (specifiers.length === 0) {
    throw new UsageError("--data is needed: a folder, files, or `digits`, the built-in drawn digits");
  }
  return openData(specifiers, options);
}

export function matchSectionData(
  section: TrainModel,
  dataset: Dataset,
  options: ParsedOptions,
  batch: number,
): SectionData {
  const data = matchInputs(declarationsOf(section, readSizes(options)), dataset, readMatchOptions(options));
  return {
    data,
    trainBatches: batchSizes(data.train.count, batch),
    measuredBatches: batchSizes(measuredSplit(data).count, batch),
  };
}

/** Weights as a session loads them, and which they are. */
export interface GivenWeights {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly partial: boolean;
  readonly source: string;
  readonly fingerprint: string;
}

/** `--weights`, in whichever format; null when not given. */
export function readWeightsOption(options: ParsedOptions): GivenWeights | null {
  return readAllWeights(options)[0] ?? null;
}

/** Every `--weights`, for the commands that average over several. */
export function readAllWeights(options: ParsedOptions): readonly GivenWeights[] {
  return options.list("weights").map((path) => {
    const bytes = readFile(path);
    return {
      tensors: fileArrays(readWeights(bytes, path)),
      partial: options.flag("partial"),
      source: path,
      fingerprint: bytesFingerprint(bytes),
    };
  });
}
