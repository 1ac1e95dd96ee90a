/** `tulle run FILE`: inference over arrays. */
import type { FileArray, NamedArrays } from "../../../runtime/files/array.js";
import { batchSizes } from "../../../runtime/data/batches.js";
import { createSession } from "../../../runtime/session.js";
import type { Tensor } from "../../../runtime/tensor.js";
import { compileModel } from "../../compile.js";
import { averageOption, predictAverages, readAveraging, severalWeightsOption } from "../average.js";
import { openInputs, planOutputs, writeOutputs } from "../array-files.js";
import { chooseNet, netOption } from "../choose.js";
import { type Command, UsageError } from "../command.js";
import { declarationsOf } from "../inputs.js";
import {
  backendOption,
  gpuOptions,
  partialOption,
  readBatch,
  readGpuOptions,
  readSeed,
  readSizes,
  readTarget,
  readThreads,
  seedOption,
  sizeOption,
  threadsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { readAllWeights } from "../training.js";

export const runCommand: Command = {
  name: "run",
  summary: "run a net on arrays and write its outputs",
  usage: "FILE --weights FILE --input X.npy --output Y.npy [--net NAME]",
  description:
    "Computes a net's outputs for all examples of the inputs, in batches. Arrays are .npy or .npz; the " +
    "inputs and outputs of a net with several are named, NAME=FILE. Without --weights the net is as " +
    "initialized from the seed. With several --weights the outputs are averaged as they are; --average " +
    "softmax averages their softmax instead, for a net that ends in logits.",
  options: [
    netOption,
    severalWeightsOption,
    averageOption,
    partialOption,
    { name: "input", value: "FILE", repeated: true, summary: "an array, or NAME=FILE; repeatable" },
    {
      name: "output",
      short: "o",
      value: "FILE",
      repeated: true,
      summary: "where to write, or NAME=FILE; repeatable",
    },
    { name: "batch", value: "N", summary: "examples computed at once (default 32)" },
    backendOption,
    ...gpuOptions,
    seedOption,
    threadsOption,
    sizeOption,
    setOption,
  ],
  examples: [
    "tulle run dsl-examples/lenet.net --weights runs/lenet/weights.safetensors --input X.npy --output Y.npy",
    "tulle run net.net --weights A.safetensors --weights B.safetensors --average flip --input X.npy --output Y.npy",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "run");
    const target = readTarget(options);
    if (options.list("input").length === 0) throw new UsageError("tulle run needs --input FILE");
    if (options.list("output").length === 0) throw new UsageError("tulle run needs --output FILE");
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const files = planOutputs(options.list("output"), net.outputNames);
    const variables = readSizes(options);
    const inputs = openInputs("input", options.list("input"), declarationsOf(net, variables), terminal);
    const averaging = readAveraging(options);
    const batch = readBatch(options, 32);
    const sizes = batchSizes(inputs.count, batch);
    const threads = readThreads(options);
    const program = compileModel(model, {
      entryPoints: sizes.map((batch) => ({ kind: "predict", net: net.name, batch })),
      threads,
      target,
      ...readGpuOptions(options),
      sizes: variables,
    });
    const weights = readAllWeights(options);
    if (weights.length === 0) terminal.error("note: no --weights, so the net is as initialized\n");
    const session = await createSession(program, { threads, seed: readSeed(options) });
    try {
      const outputs = joinBatches(
        await predictAverages({ session, net: net.name, split: inputs, batch, weights, averaging }),
      );
      writeOutputs(files, outputs);
      for (const [name, { shape }] of outputs) terminal.out(`${name} [${shape.join(", ")}]\n`);
      return 0;
    } finally {
      session.dispose();
    }
  },
};

/** Batches joined along the first axis. */
function joinBatches(batches: readonly ReadonlyMap<string, Tensor>[]): NamedArrays {
  const names = [...(batches[0]?.keys() ?? [])];
  return new Map(names.map((name) => [name, join(batches.map((outputs) => outputs.get(name)!))]));
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
