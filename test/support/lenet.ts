/** LeNet-5's training step as a graph, built by hand: what lowering makes of the example file. */
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, NamedValue, Update, ValueId } from "../../compiler/ir/graph.js";
import { gradient } from "../../compiler/passes/gradient.js";

const parameterShapes: Readonly<Record<string, readonly number[]>> = {
  "conv1.weight": [6, 1, 5, 5],
  "conv1.bias": [6],
  "conv2.weight": [16, 6, 5, 5],
  "conv2.bias": [16],
  "fc1.weight": [120, 400],
  "fc1.bias": [120],
  "fc2.weight": [84, 120],
  "fc2.bias": [84],
  "fc3.weight": [10, 84],
  "fc3.bias": [10],
};

export interface LenetOptions {
  readonly batch: number;
  /** `gradients`: outputs loss and gradients. `adam`: updates the parameters. */
  readonly ending: "gradients" | "adam";
  readonly activation?: "tanh" | "relu";
}

export function lenetGraph({ batch, ending, activation = "tanh" }: LenetOptions): Graph {
  const builder = createGraphBuilder();
  const parameter = (name: string): ValueId =>
    builder.buffer(name, { dataType: "f32", shape: parameterShapes[name]! });
  const activate = (value: ValueId): ValueId =>
    activation === "tanh"
      ? builder.unary("tanh", value)
      : builder.map(e.binary("maximum", e.input(0), e.constant(0)), [value]);
  const conv = (x: ValueId, name: string, pad: number): ValueId => {
    const attributes = {
      stride: [1, 1],
      pad: [pad, pad, pad, pad],
      dilation: [1, 1],
      groups: 1,
      epilogue: null,
    } as const;
    const product = builder.node("conv", attributes, [x, parameter(`${name}.weight`)]);
    const bias = parameter(`${name}.bias`);
    return builder.add(product, builder.reshape(bias, [1, builder.shape(bias)[0]!, 1, 1]));
  };
  const dense = (x: ValueId, name: string): ValueId => {
    const attributes = { transposeLeft: false, transposeRight: true, epilogue: null };
    const product = builder.node("matmul", attributes, [x, parameter(`${name}.weight`)]);
    const bias = parameter(`${name}.bias`);
    return builder.add(product, builder.reshape(bias, [1, builder.shape(bias)[0]!]));
  };
  const pool = (x: ValueId): ValueId => {
    const window = { size: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: false } as const;
    return activation === "tanh"
      ? builder.node("avg_pool", { ...window, countIncludesPad: true }, [x])
      : builder.node("max_pool", window, [x]);
  };

  const image = builder.input("image", { dataType: "f32", shape: [batch, 1, 28, 28] });
  const label = builder.input("label", { dataType: "i32", shape: [batch] }, 10);
  const conv1 = builder.labelled("conv1", () => pool(activate(conv(image, "conv1", 2))));
  const conv2 = builder.labelled("conv2", () => pool(activate(conv(conv1, "conv2", 0))));
  const flat = builder.reshape(conv2, [batch, 400]);
  const fc1 = builder.labelled("fc1", () => activate(dense(flat, "fc1")));
  const fc2 = builder.labelled("fc2", () => activate(dense(fc1, "fc2")));
  const logits = builder.labelled("fc3", () => dense(fc2, "fc3"));
  const loss = builder.labelled("cross_entropy", () => crossEntropy(builder, logits, label));
  const names = Object.keys(parameterShapes);
  const gradients = gradient(builder, loss, names.map(parameter));

  const outputs: NamedValue[] = [{ name: "loss", value: loss }];
  if (ending === "gradients") {
    outputs.push({ name: "logits", value: logits });
    names.forEach((name, index) => outputs.push({ name, value: gradients[index]! }));
    return builder.finish("gradient of lenet", outputs, []);
  }
  const updates = names.flatMap((name, index) =>
    builder.labelled(`update ${name}`, () => adam(builder, name, parameter(name), gradients[index]!)),
  );
  return builder.finish("step of lenet", outputs, updates);
}

/** The mean over the batch of log(sum(exp(z))) - z[label], z shifted by its maximum. */
export function crossEntropy(builder: GraphBuilder, logits: ValueId, label: ValueId): ValueId {
  const [batch] = builder.shape(logits) as readonly [number, number];
  const column = builder.reshape(label, [batch, 1]);
  const shifted = builder.subtract(logits, builder.detach(builder.reduce("maximum", logits, [1])));
  const total = builder.reduce("sum", builder.unary("exp", shifted), [1]);
  const isLabelled = e.binary("equal", e.coordinate(1), e.input(1));
  const picked = builder.reduce(
    "sum",
    builder.map(e.multiply(isLabelled, e.input(0)), [shifted, column]),
    [1],
  );
  const losses = builder.subtract(builder.unary("log", total), picked);
  return builder.reshape(builder.mean(losses, [0, 1]), []);
}

function adam(builder: GraphBuilder, name: string, value: ValueId, slope: ValueId): Update[] {
  const type = builder.type(value);
  const rate = builder.scalar("rate", e.constant(1e-3));
  const steps = e.add({ kind: "variable", name: "step" }, e.constant(1));
  const correction = (beta: number): ValueId => {
    const power = e.binary("power", e.constant(beta), steps);
    return builder.scalar(
      `correction ${String(beta)}`,
      e.divide(e.constant(1), e.subtract(e.constant(1), power)),
    );
  };
  const moving = (old: ValueId, now: ValueId, beta: number): ValueId =>
    builder.add(builder.scale(old, beta), builder.scale(now, 1 - beta));
  const mean = moving(builder.buffer(`mean/${name}`, type), slope, 0.9);
  const squares = moving(builder.buffer(`squares/${name}`, type), builder.multiply(slope, slope), 0.999);
  const root = builder.unary("sqrt", builder.multiply(squares, correction(0.999)));
  const direction = builder.divide(
    builder.multiply(mean, correction(0.9)),
    builder.add(root, builder.constant(1e-8)),
  );
  return [
    { buffer: name, value: builder.subtract(value, builder.multiply(rate, direction)) },
    { buffer: `mean/${name}`, value: mean },
    { buffer: `squares/${name}`, value: squares },
  ];
}
