/** Options that say how data are read: images to one size, examples to splits. */
import type { Dataset } from "../../runtime/data/dataset.js";
import { resizeWays, type Resize } from "../../runtime/data/fit-image.js";
import { holdOut, limitTraining } from "../../runtime/data/hold-out.js";
import { pairWays } from "../../runtime/data/image-pairs.js";
import type { MatchOptions } from "../../runtime/data/match-inputs.js";
import { openDataset } from "../../runtime/data/node-open-dataset.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";
import { readSeed } from "./model-options.js";

const pairsOption: OptionDefinition = {
  name: "pairs",
  value: "WAY",
  summary:
    "images that belong together: folders, side-by-side, or no (default: folders input and target, A and B)",
};

/** For every command that feeds images to a net. */
export const imageOptions: readonly OptionDefinition[] = [
  {
    name: "resize",
    value: "WAY",
    summary: "how images take the input's size: crop, fit or stretch (default crop, for image files only)",
  },
  pairsOption,
];

/** For every command that chooses what to learn from; they go with `--seed`. */
export const splitOptions: readonly OptionDefinition[] = [
  {
    name: "validation",
    value: "PART",
    summary: "hold out a part (0.1) or a number (500) of the training examples",
  },
  { name: "limit", value: "N", summary: "use only N training examples, drawn by the seed" },
  { name: "train-only", summary: "leave out the test data" },
];

/** What `tulle data` takes, which feeds nothing. */
export const inspectOptions: readonly OptionDefinition[] = [pairsOption, ...splitOptions];

/** Opens data as the options say. Options that a command does not have count as not given. */
export function openData(specifiers: readonly string[], options: ParsedOptions): Dataset {
  const pairs = oneOf(options, "pairs", pairWays);
  const validation = readValidation(options);
  const limit = options.integer("limit", 1);
  const seed = readSeed(options);
  let dataset = openDataset(specifiers, pairs === null ? {} : { pairs });
  if (options.flag("train-only")) dataset = { ...dataset, test: null };
  if (validation !== null) dataset = holdOut(dataset, validation, seed);
  return limit === null ? dataset : limitTraining(dataset, limit, seed);
}

export function readMatchOptions(options: ParsedOptions): MatchOptions {
  const resize = oneOf<Resize>(options, "resize", resizeWays);
  return resize === null ? {} : { resize };
}

/** A fraction below 1, or a whole number. */
function readValidation(options: ParsedOptions): number | null {
  const text = options.text("validation");
  if (text === null) return null;
  const value = /^(\d{1,9}|0?\.\d{1,9})$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new UsageError(
    `--validation takes a part such as 0.1 or a number such as 500, and \`${text}\` is neither`,
  );
}

function oneOf<T extends string>(options: ParsedOptions, name: string, ways: readonly T[]): T | null {
  const text = options.text(name);
  const way = ways.find((candidate) => candidate === text) ?? null;
  if (text === null || way !== null) return way;
  throw new UsageError(`--${name} takes ${ways.join(", ")}, and \`${text}\` is none of them`);
}
