/** `tulle run FILE`: inference over arrays. */
import type { FileArray, NamedArrays } from "../../../runtime/files/array.js";
import { batchSizes } from "../../../runtime/data/batches.js";
import { UserError } from "../../../runtime/program/user-error.js";
import { createSession, type Session } from "../../../runtime/session.js";
import type { Tensor } from "../../../runtime/tensor.js";
import type { NetModel } from "../../check/model.js";
import { compileModel } from "../../compile.js";
import { readArrays, writeArrays } from "../array-files.js";
import { chooseNet, netOption } from "../choose.js";
import { type Command, UsageError } from "../command.js";
import {
  partialOption,
  readBatch,
  readSeed,
  readThreads,
  seedOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { readWeightsOption } from "../training.js";
import { fileArrays } from "../file-arrays.js";

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
    setOption,
  ],
  examples: [
    "tulle run dsl-examples/lenet.net --weights runs/lenet/weights.safetensors --input X.npy --output Y.npy",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "run");
    const backend = options.text("backend") ?? "cpu";
    if (backend !== "cpu") throw new UsageError(`--backend takes cpu, and \`${backend}\` is not there yet`);
    if (options.list("input").length === 0) throw new UsageError("tulle run needs --input FILE");
    if (options.list("output").length === 0) throw new UsageError("tulle run needs --output FILE");
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const net = chooseNet(model, options);
    const names = net.dataflow.inputs.map((tensor) => tensor.name);
    const inputs = fileArrays(readArrays(options.list("input"), names));
    const count = countExamples(net, inputs);
    const sizes = batchSizes(count, readBatch(options, 32));
    const threads = readThreads(options);
    const program = compileModel(model, {
      entryPoints: sizes.map((batch) => ({ kind: "predict", net: net.name, batch })),
      threads,
    });
    const weights = readWeightsOption(options);
    if (weights === null) terminal.error("note: no --weights, so the net is as initialized\n");
    const session = await createSession(program, { threads, seed: readSeed(options) });
    try {
      if (weights !== null) await session.load(weights.tensors, weights);
      const outputs = await predictAll(session, inputs, count, Math.max(...sizes));
      writeArrays(options.list("output"), outputs);
      for (const [name, { shape }] of outputs) terminal.out(`${name} [${shape.join(", ")}]\n`);
      return 0;
    } finally {
      session.dispose();
    }
  },
};

/** Every input has one example per position of its first axis. */
function countExamples(net: NetModel, inputs: ReadonlyMap<string, Tensor>): number {
  const counts = net.dataflow.inputs.map((declared) => {
    const given = inputs.get(declared.name);
    if (given === undefined) {
      const found = [...inputs.keys()].join(", ");
      throw new UserError(
        `the net ${net.name} wants an input ${declared.name}, and there is ${found}`,
        `Name it: --input ${declared.name}=FILE`,
      );
    }
    if (given.shape.length !== declared.shape.length) {
      throw new UserError(
        `the input ${declared.name} should have ${String(declared.shape.length)} axes, ` +
          `and is [${given.shape.join(", ")}]`,
        "The first axis counts the examples: an array of one image is [1, channels, height, width].",
      );
    }
    return given.shape[0] ?? 0;
  });
  const [count] = counts;
  if (count === undefined || counts.some((other) => other !== count)) {
    throw new UserError(`the inputs have ${counts.join(", ")} examples; they should have equally many`);
  }
  if (count === 0) throw new UserError("the input has no examples", "Its first axis has size 0.");
  return count;
}

/** Predicts batch after batch and joins the outputs along the first axis. */
async function predictAll(
  session: Session,
  inputs: ReadonlyMap<string, Tensor>,
  count: number,
  batch: number,
): Promise<NamedArrays> {
  const parts = new Map<string, Tensor[]>();
  for (let start = 0; start < count; start += batch) {
    const size = Math.min(batch, count - start);
    const slices = [...inputs].map(([name, tensor]) => [name, examples(tensor, start, size)] as const);
    for (const [name, output] of Object.entries(await session.predict(new Map(slices)))) {
      parts.set(name, [...(parts.get(name) ?? []), output]);
    }
  }
  return new Map([...parts].map(([name, tensors]) => [name, join(tensors)]));
}

function examples({ shape, data }: Tensor, start: number, size: number): Tensor {
  const each = data.length / (shape[0] ?? 1);
  return { shape: [size, ...shape.slice(1)], data: data.subarray(start * each, (start + size) * each) };
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
