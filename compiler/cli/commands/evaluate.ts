/** `tulle evaluate FILE`: a section's losses and metrics on test data, with given weights. */
import { sectionSession } from "../../../runtime/train/section-session.js";
import { validate } from "../../../runtime/train/validate.js";
import { createSession } from "../../../runtime/session.js";
import { chooseSection, trainOption } from "../choose.js";
import type { Command } from "../command.js";
import {
  partialOption,
  readSizes,
  readThreads,
  required,
  sizeOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { compileSection, dataOption, openSectionData, readWeightsOption } from "../training.js";

const batch = 100;

export const evaluateCommand: Command = {
  name: "evaluate",
  summary: "measure trained weights on test data",
  usage: "FILE --weights FILE --data DIR|FILES|digits [--train NAME] [--json]",
  description:
    "Computes the losses and metrics of a train section on the test examples of the data (or on all of " +
    "them when there is no test split), in inference mode.",
  options: [
    trainOption,
    dataOption,
    weightsOption,
    partialOption,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print the metrics as JSON" },
  ],
  examples: ["tulle evaluate dsl-examples/lenet.net --weights runs/mnist/weights.safetensors --data digits"],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "evaluate");
    required(options, "weights", "evaluate", "FILE");
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const weights = readWeightsOption(options);
    const { data, testBatches } = openSectionData(section, options, batch);
    const threads = readThreads(options);
    const requests = [
      { kind: "step" as const, section: section.name, batch: testBatches[0] ?? 1 },
      ...testBatches.map((size) => ({ kind: "evaluate" as const, section: section.name, batch: size })),
    ];
    const { program, identity } = compileSection(model, requests, {
      threads,
      sizes: readSizes(options),
    });
    const session = await createSession(program, { threads });
    try {
      if (weights !== null) await session.load(weights.tensors, weights);
      const split = data.test ?? data.train;
      const wanted = sectionSession(session, { section: section.name, identity });
      const values = await validate(wanted, split, batch, () => Promise.resolve());
      const metrics = Object.fromEntries(wanted.metrics.map((name, index) => [name, values[index] ?? NaN]));
      terminal.out(
        options.flag("json")
          ? `${JSON.stringify({ examples: split.count, split: split.name, metrics })}\n`
          : `${Object.entries(metrics)
              .map(([name, value]) => `${name} ${String(Number(value.toPrecision(7)))}`)
              .join("\n")}\non ${String(split.count)} ${split.name} examples\n`,
      );
      return 0;
    } finally {
      session.dispose();
    }
  },
};
