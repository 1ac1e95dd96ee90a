/** `tulle run FILE`: inference over arrays. */
import type { FileArray, NamedArrays } from "../../../runtime/files/array.js";
import {
  batchesPerEpoch,
  batchSizes,
  createBatchReader,
  naturalOrder,
} from "../../../runtime/data/batches.js";
import type { MatchedSplit } from "../../../runtime/data/match-inputs.js";
import { createSession, type Session } from "../../../runtime/session.js";
import type { Tensor } from "../../../runtime/tensor.js";
import { compileModel } from "../../compile.js";
import { openInputs, planOutputs, writeOutputs } from "../array-files.js";
import { chooseNet, netOption } from "../choose.js";
import { type Command, UsageError } from "../command.js";
import { declarationsOf } from "../inputs.js";
import {
  partialOption,
  readBatch,
  readSeed,
  readSizes,
  readThreads,
  requireCpu,
  seedOption,
  sizeOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { readWeightsOption } from "../training.js";

export const runCommand: Command = {
  name: "run",
  summary: "run a net on arrays and write its outputs",
  usage: "FILE --weights FILE --input X.npy --output Y.npy [--net NAME]",
  description:
    "Computes a net's outputs for all examples of the inputs, in batches. Arrays are .npy or .npz; the " +
    "inputs and outputs of a net with several are named, NAME=FILE. Without --weights the net is as " +
    "initialized from the seed.",
  options: [
    netOption,
    weightsOption,
    partialOption,
    { name: "input", value: "FILE", repeated: true, summary: "an array, or NAME=FILE; repeatable" },
    { name: "output", value: "FILE", repeated: true, summary: "where to write, or NAME=FILE; repeatable" },
    { name: "batch", value: "N", summary: "examples computed at once (default 32)" },
    { name: "backend", value: "NAME", summary: "cpu (the only one so far)" },
    seedOption,
    threadsOption,
    sizeOption,
    setOption,
  ],
  examples: [
    "tulle run dsl-examples/lenet.net --weights runs/lenet/weights.safetensors --input X.npy --output Y.npy",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "run");
    requireCpu(options, "backend");
    if (options.list("input").length === 0) throw new UsageError("tulle run needs --input FILE");
    if (options.list("output").length === 0) throw new UsageError("tulle run needs --output FILE");
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const files = planOutputs(options.list("output"), net.outputNames);
    const variables = readSizes(options);
    const inputs = openInputs("input", options.list("input"), declarationsOf(net, variables), terminal);
    const batch = readBatch(options, 32);
    const sizes = batchSizes(inputs.count, batch);
    const threads = readThreads(options);
    const program = compileModel(model, {
      entryPoints: sizes.map((batch) => ({ kind: "predict", net: net.name, batch })),
      threads,
      sizes: variables,
    });
    const weights = readWeightsOption(options);
    if (weights === null) terminal.error("note: no --weights, so the net is as initialized\n");
    const session = await createSession(program, { threads, seed: readSeed(options) });
    try {
      if (weights !== null) await session.load(weights.tensors, weights);
      const outputs = await predictAll(session, inputs, batch);
      writeOutputs(files, outputs);
      for (const [name, { shape }] of outputs) terminal.out(`${name} [${shape.join(", ")}]\n`);
      return 0;
    } finally {
      session.dispose();
    }
  },
};

/** Predicts batch after batch and joins the outputs along the first axis. */
async function predictAll(session: Session, split: MatchedSplit, batch: number): Promise<NamedArrays> {
  const read = createBatchReader(split, batch);
  const order = naturalOrder(split.count);
  const parts = new Map<string, Tensor[]>();
  for (let index = 0; index < batchesPerEpoch(split.count, batch); index++) {
    const outputs = await session.predict(read(order, index).inputs);
    for (const [name, output] of Object.entries(outputs)) {
      const before = parts.get(name);
      if (before === undefined) parts.set(name, [output]);
      else before.push(output);
    }
  }
  return new Map([...parts].map(([name, tensors]) => [name, join(tensors)]));
}

function join(tensors: readonly Tensor[]): FileArray {
  const shape = [
    tensors.reduce((sum, tensor) => sum + (tensor.shape[0] ?? 0), 0),
    ...(tensors[0]?.shape.slice(1) ?? []),
  ];
  const data = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.data.length, 0));
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
  }
  return { dataType: "f32", shape, data };
}
