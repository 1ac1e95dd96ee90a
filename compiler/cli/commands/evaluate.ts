/** `tulle evaluate FILE`: a section's losses and metrics on test data, with given weights. */
import {
  type BatchInputs,
  batchSizes,
  createBatchReader,
  naturalOrder,
} from "../../../runtime/data/batches.js";
import type { MatchedSplit } from "../../../runtime/data/match-inputs.js";
import type { Averaging } from "../../../runtime/ensemble/predict.js";
import { createSession } from "../../../runtime/session.js";
import { validate } from "../../../runtime/train/validate.js";
import type { Model, TrainModel } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import { averageOption, predictAverages, readAveraging, severalWeightsOption } from "../average.js";
import { chooseSection, trainOption } from "../choose.js";
import type { Command, ParsedOptions } from "../command.js";
import { imageOptions } from "../data-options.js";
import {
  backendOption,
  gpuOptions,
  partialOption,
  readGpuOptions,
  readSizes,
  readTarget,
  readThreads,
  required,
  sizeOption,
  threadsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { splitSection } from "../split-section.js";
import { dataOption, type GivenWeights, openSectionData, readAllWeights } from "../training.js";

const batch = 100;

export const evaluateCommand: Command = {
  name: "evaluate",
  summary: "measure trained weights on test data",
  usage: "FILE --weights FILE --data DIR|FILES|digits [--train NAME] [--json]",
  description:
    "Computes the losses and metrics of a train section on the test examples of the data (or on all of " +
    "them when there is no test split), in inference mode. With several --weights, or copies of the images " +
    "(--average flip, --average shift=2), the predictions are averaged before they are measured; --average " +
    "softmax averages probabilities, where predictions are logits.",
  options: [
    trainOption,
    dataOption,
    ...imageOptions,
    severalWeightsOption,
    averageOption,
    partialOption,
    backendOption,
    ...gpuOptions,
    threadsOption,
    sizeOption,
    setOption,
    { name: "json", summary: "print the metrics as JSON" },
  ],
  examples: [
    "tulle evaluate dsl-examples/lenet.net --weights runs/mnist/weights.safetensors --data digits",
    "tulle evaluate net.net --weights A.safetensors --weights B.safetensors --average flip --data DIR",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "evaluate");
    required(options, "weights", "evaluate", "FILE");
    const averaging = readAveraging(options);
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const section = chooseSection(model, options);
    const weights = readAllWeights(options);
    const { data } = openSectionData(section, options, batch);
    const split = data.test ?? data.train;
    const request = { model, section, split, weights, averaging, options };
    const isAverage = weights.length > 1 || averaging.copies.length > 1 || averaging.softmax;
    const metrics = isAverage ? await measureAverage(request) : await measure(request);
    terminal.out(
      options.flag("json")
        ? `${JSON.stringify({ examples: split.count, split: split.name, metrics })}\n`
        : `${Object.entries(metrics)
            .map(([name, value]) => `${name} ${String(Number(value.toPrecision(7)))}`)
            .join("\n")}\non ${String(split.count)} ${split.name} examples\n`,
    );
    return 0;
  },
};

interface Request {
  readonly model: Model;
  readonly section: TrainModel;
  readonly split: MatchedSplit;
  readonly weights: readonly GivenWeights[];
  readonly averaging: Averaging;
  readonly options: ParsedOptions;
}

type Metrics = Readonly<Record<string, number>>;

async function measure({ model, section, split, weights, options }: Request): Promise<Metrics> {
  const threads = readThreads(options);
  const program = compileModel(model, {
    entryPoints: batchSizes(split.count, batch).map((size) => ({
      kind: "evaluate",
      section: section.name,
      batch: size,
    })),
    ...{ threads, target: readTarget(options), sizes: readSizes(options) },
    ...readGpuOptions(options),
  });
  const evaluation = program.entryPoints.find(({ kind }) => kind === "evaluate");
  const metrics = (evaluation?.outputs ?? []).map(({ name }) => name);
  const session = await createSession(program, { threads });
  try {
    for (const given of weights) await session.load(given.tensors, given);
    const evaluate = async (inputs: BatchInputs): Promise<readonly number[]> => {
      const outputs = await session.evaluate(inputs, { section: section.name });
      return metrics.map((name) => outputs[name]!.data[0]!);
    };
    const values = await validate({ metrics, evaluate }, split, batch, () => Promise.resolve());
    return Object.fromEntries(metrics.map((name, index) => [name, values[index]!]));
  } finally {
    session.dispose();
  }
}

/** Averages predictions first, then measures them: weights and copies decide together. */
async function measureAverage({
  model,
  section,
  split,
  weights,
  averaging,
  options,
}: Request): Promise<Metrics> {
  const halves = splitSection(model, section);
  const threads = readThreads(options);
  const program = compileModel(halves.model, {
    entryPoints: batchSizes(split.count, batch).flatMap((size) => [
      { kind: "predict" as const, net: halves.predictor, batch: size },
      { kind: "evaluate" as const, section: section.name, batch: size },
    ]),
    ...{ threads, target: readTarget(options), sizes: readSizes(options) },
    ...readGpuOptions(options),
  });
  const session = await createSession(program, { threads });
  try {
    const columns = split.columns.filter(({ input }) => halves.inputs.includes(input.name));
    const predictions = await predictAverages({
      ...{ session, net: halves.predictor, split: { ...split, columns }, batch, weights, averaging },
    });
    const read = createBatchReader(split, batch);
    const mean = new Map<string, number>();
    for (const [index, outputs] of predictions.entries()) {
      const { size, inputs } = read(naturalOrder(split.count), index);
      const judged = [...outputs].map(([name, { data }]) => [
        name,
        averaging.softmax ? data.map(logarithm) : data,
      ]);
      const values = await session.evaluate(
        { ...inputs, ...Object.fromEntries(judged) },
        { section: section.name },
      );
      for (const [name, { data }] of Object.entries(values)) {
        mean.set(name, (mean.get(name) ?? 0) + (data[0]! * size) / split.count);
      }
    }
    return Object.fromEntries(mean);
  } finally {
    session.dispose();
  }
}

/** Finite also where a probability has vanished. */
function logarithm(probability: number): number {
  return Math.log(Math.max(probability, Number.MIN_VALUE));
}
