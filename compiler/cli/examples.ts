/** One example for a net to be looked at with: out of arrays, or out of a data set. */
import { createBatchReader } from "../../runtime/data/batches.js";
import { type InputDeclaration, matchInputs, type MatchedSplit } from "../../runtime/data/match-inputs.js";
import { UserError } from "../../runtime/program/user-error.js";
import type { Tensor } from "../../runtime/tensor.js";
import { openInputs } from "./array-files.js";
import type { OptionDefinition, ParsedOptions, Terminal } from "./command.js";
import { UsageError } from "./command.js";
import { imageOptions, openData, readMatchOptions } from "./data-options.js";

export const exampleOptions: readonly OptionDefinition[] = [
  {
    name: "input",
    value: "FILE",
    repeated: true,
    summary:
      "what the net is to see: .npy, .npz, an image, or data as `train` takes it, its test examples first",
  },
  { name: "example", value: "N", summary: "which example of it, counted from 0 (default 0)" },
  ...imageOptions,
];

/** The inputs of one example, each with a first axis of 1. */
export function readExample(
  command: string,
  declarations: readonly InputDeclaration[],
  options: ParsedOptions,
  terminal: Terminal,
): Readonly<Record<string, Tensor>> {
  const specifiers = options.list("input");
  if (specifiers.length === 0) throw new UsageError(`tulle ${command} needs --input FILE`);
  const split = openExamples(declarations, specifiers, options, terminal);
  const index = options.integer("example", 0) ?? 0;
  if (index >= split.count) {
    throw new UserError(
      `there is no example ${String(index)}: ${specifiers.join(", ")} has ${String(split.count)}`,
      `They are counted from 0 to ${String(split.count - 1)}.`,
    );
  }
  const { inputs } = createBatchReader(split, 1)(Uint32Array.of(index), 0);
  return Object.fromEntries(
    split.columns.map(({ input }) => [
      input.name,
      { shape: [1, ...input.shape], data: inputs[input.name]!.slice() },
    ]),
  );
}

/** Arrays by the inputs' names, or the test examples of a data set, or all where there are none. */
function openExamples(
  declarations: readonly InputDeclaration[],
  specifiers: readonly string[],
  options: ParsedOptions,
  terminal: Terminal,
): MatchedSplit {
  if (specifiers.every((specifier) => /\.np[yz]$/i.test(specifier))) {
    return openInputs("input", specifiers, declarations, terminal);
  }
  const { train, test, notes } = matchInputs(
    declarations,
    openData(specifiers, options),
    readMatchOptions(options),
  );
  for (const note of notes) terminal.error(`${note}\n`);
  return test ?? train;
}
