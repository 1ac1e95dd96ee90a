/** ONNX Runtime Web on its WebAssembly backend, one thread, or on WebGPU. It infers and does not train. */
import * as ort from "onnxruntime-web";
import { onnxModel } from "../onnx.mjs";
import * as resnet from "../resnet18.mjs";

export const prepare = () => start("wasm");

let provider = "wasm";

export async function start(chosen) {
  provider = chosen;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
}

/** A function from the input's elements to the output's. */
async function session(model, shape) {
  const running = await ort.InferenceSession.create(onnxModel(model), { executionProviders: [provider] });
  return async (input) => (await running.run({ x: new ort.Tensor("float32", input, shape) })).y.data;
}

export async function predictor(weights, batch) {
  const parameters = (layer) => [`${layer}.weight`, `${layer}.bias`];
  const conv = (layer, from, pad) => ({
    op: "Conv",
    inputs: [from, ...parameters(layer)],
    output: layer,
    attributes: { kernel_shape: [5, 5], pads: [pad, pad, pad, pad] },
  });
  const tanh = (from) => ({ op: "Tanh", inputs: [from], output: `${from}.tanh` });
  const pool = (from) => ({
    op: "AveragePool",
    inputs: [`${from}.tanh`],
    output: `${from}.pool`,
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
  });
  const dense = (layer, from, output = layer) => ({
    op: "Gemm",
    inputs: [from, ...parameters(layer)],
    output,
    attributes: { transB: 1 },
  });
  const shape = [batch, 1, 28, 28];
  return session(
    {
      weights,
      input: { name: "x", shape },
      output: { name: "y", shape: [batch, 10] },
      nodes: [
        conv("conv1", "x", 2),
        tanh("conv1"),
        pool("conv1"),
        conv("conv2", "conv1.pool", 0),
        tanh("conv2"),
        pool("conv2"),
        { op: "Flatten", inputs: ["conv2.pool"], output: "features" },
        dense("fc1", "features"),
        tanh("fc1"),
        dense("fc2", "fc1.tanh"),
        tanh("fc2"),
        dense("fc3", "fc2.tanh", "y"),
      ],
    },
    shape,
  );
}

export async function resnetPredictor(weights, batch) {
  const nodes = [];
  const add = (op, inputs, attributes = {}) => {
    const output = `v${nodes.length}`;
    nodes.push({ op, inputs, output, attributes });
    return output;
  };
  const of = (name, words) => words.map((word) => `${name}.${word}`);
  const ops = {
    fork: (x) => [x, x],
    relu: (x) => add("Relu", [x]),
    add: (x, y) => add("Add", [x, y]),
    conv: (x, name, { stride, pad }) =>
      add("Conv", [x, `${name}.weight`], {
        kernel_shape: weights[`${name}.weight`].shape.slice(2),
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      }),
    // Its epsilon is 1e-5 unless told otherwise.
    norm: (x, name) =>
      add("BatchNormalization", [x, ...of(name, ["weight", "bias", "running_mean", "running_var"])]),
    maxPool: (x) => add("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    globalMean: (x) => add("Flatten", [add("GlobalAveragePool", [x])]),
    dense: (x, name) => add("Gemm", [x, ...of(name, ["weight", "bias"])], { transB: 1 }),
  };
  const shape = [batch, 3, resnet.side, resnet.side];
  resnet.forward(ops, "x");
  nodes.at(-1).output = "y";
  return session(
    {
      weights,
      nodes,
      input: { name: "x", shape },
      output: { name: "y", shape: [batch, resnet.classes] },
    },
    shape,
  );
}

export async function multiplier(weight, size) {
  const shape = [size, size];
  return session(
    {
      weights: { weight: { shape, data: weight } },
      input: { name: "x", shape },
      output: { name: "y", shape },
      nodes: [{ op: "Gemm", inputs: ["x", "weight"], output: "y", attributes: { transB: 1 } }],
    },
    shape,
  );
}

export async function convolver(weight, { channels, width, size, stride, side }) {
  const pad = (size - 1) / 2;
  const shape = [1, channels, side, side];
  return session(
    {
      weights: { weight: { shape: [width, channels, size, size], data: weight } },
      input: { name: "x", shape },
      output: { name: "y", shape: [1, width, side / stride, side / stride] },
      nodes: [
        {
          op: "Conv",
          inputs: ["x", "weight"],
          output: "y",
          attributes: { kernel_shape: [size, size], pads: [pad, pad, pad, pad], strides: [stride, stride] },
        },
      ],
    },
    shape,
  );
}
