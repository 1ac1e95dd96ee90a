/** A chain of residual blocks with batch norm and its training step: a graph that grows with `depth`. */
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, Update, ValueId } from "../../compiler/ir/graph.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { crossEntropy } from "./lenet.js";

export interface ResidualOptions {
  readonly batch: number;
  readonly width: number;
  readonly size: number;
  readonly depth: number;
}

export function residualGraph({ batch, width, size, depth }: ResidualOptions): Graph {
  const builder = createGraphBuilder();
  const parameters: { readonly name: string; readonly value: ValueId }[] = [];
  const statistics: Update[] = [];
  const parameter = (name: string, shape: readonly number[]): ValueId => {
    const value = builder.buffer(name, { dataType: "f32", shape });
    parameters.push({ name, value });
    return value;
  };
  const convolve = (x: ValueId, name: string): ValueId => {
    const geometry = {
      stride: [1, 1],
      pad: [1, 1, 1, 1],
      dilation: [1, 1],
      groups: 1,
      epilogue: null,
    } as const;
    const weight = parameter(`${name}.weight`, [width, builder.shape(x)[1]!, 3, 3]);
    return batchNorm(builder, builder.node("conv", geometry, [x, weight]), name, parameter, statistics);
  };
  let x = builder.input("image", { dataType: "f32", shape: [batch, 3, size, size] });
  x = relu(builder, convolve(x, "stem"));
  for (let block = 0; block < depth; block++) {
    const name = `block${String(block)}`;
    const inner = builder.labelled(`${name}.conv1`, () => relu(builder, convolve(x, `${name}.conv1`)));
    const main = builder.labelled(`${name}.conv2`, () => convolve(inner, `${name}.conv2`));
    x = builder.labelled(name, () => relu(builder, builder.add(main, x)));
  }
  const pooled = builder.reshape(builder.mean(x, [2, 3]), [batch, width]);
  const dense = { transposeLeft: false, transposeRight: true, epilogue: null };
  const logits = builder.node("matmul", dense, [pooled, parameter("fc.weight", [10, width])]);
  const label = builder.input("label", { dataType: "i32", shape: [batch] }, 10);
  const loss = crossEntropy(builder, logits, label);
  const gradients = gradient(
    builder,
    loss,
    parameters.map(({ value }) => value),
  );
  const rate = builder.scalar("rate", e.constant(0.1));
  const updates = parameters.map(({ name, value }, index): Update => {
    return { buffer: name, value: builder.subtract(value, builder.multiply(rate, gradients[index]!)) };
  });
  return builder.finish("step of residual", [{ name: "loss", value: loss }], [...updates, ...statistics]);
}

function relu(builder: GraphBuilder, x: ValueId): ValueId {
  return builder.map(e.binary("maximum", e.input(0), e.constant(0)), [x]);
}

function batchNorm(
  builder: GraphBuilder,
  x: ValueId,
  name: string,
  parameter: (name: string, shape: readonly number[]) => ValueId,
  statistics: Update[],
): ValueId {
  const channels = builder.shape(x)[1]!;
  const row = [1, channels, 1, 1];
  const mean = builder.mean(x, [0, 2, 3]);
  const centered = builder.subtract(x, mean);
  const variance = builder.mean(builder.multiply(centered, centered), [0, 2, 3]);
  const deviation = builder.unary("sqrt", builder.add(variance, builder.constant(1e-5)));
  const normal = builder.divide(centered, deviation);
  const running = builder.buffer(`${name}.running_mean`, { dataType: "f32", shape: [channels] });
  const moved = builder.add(
    builder.scale(running, 0.9),
    builder.scale(builder.reshape(mean, [channels]), 0.1),
  );
  statistics.push({ buffer: `${name}.running_mean`, value: moved });
  const weight = builder.reshape(parameter(`${name}.scale`, [channels]), row);
  const bias = builder.reshape(parameter(`${name}.bias`, [channels]), row);
  return builder.add(builder.multiply(normal, weight), bias);
}
