/** Distances between distributions: Kullback-Leibler divergence and maximum mean discrepancy. */
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { requireEqualShapes } from "../broadcast.js";
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { numbersOf } from "../read-settings.js";
import { accept, blameAll, compareSizes, describe, reject } from "../shape-results.js";
import { exponentialsAlong, logSoftmaxAlong } from "../stable.js";
import { flatExamples, meanOfAll } from "./shared.js";

export const kl = defineLayer({
  name: "kl",
  category: "loss",
  documentation: {
    summary:
      "The Kullback-Leibler divergence of the distribution with the scores `a` from the one with the scores `b`, as for distilling `b` into `a`.",
    formula: "mean over n of sum over k of p * (log p - log q), p = softmax(b), q = softmax(a)",
    source: "Hinton et al., 2015, Distilling the Knowledge in a Neural Network",
  },
  tensors: ["a", "b"],
  shape: ({ inputs }) => {
    const [a, b] = inputs;
    if (a!.shape.length < 2) {
      return reject(
        "shape",
        `kl needs scores [N, K] for K classes, and ${a!.name} is ${describe(a!.shape)}`,
        {
          blame: blameAll(a!),
        },
      );
    }
    const met = requireEqualShapes("compared", a!, b!);
    return met.ok ? accept([], { conditions: met.conditions }) : met;
  },
  lower: ({ builder, inputs }) => {
    const [a, b] = inputs;
    const logQ = logSoftmaxAlong(builder, a!, 1);
    const { shifted, exponentials, total } = exponentialsAlong(builder, b!, 1);
    const logP = builder.subtract(shifted, builder.unary("log", total));
    const p = builder.divide(exponentials, total);
    const divergence = builder.multiply(p, builder.subtract(logP, logQ));
    return [meanOfAll(builder, builder.reduce("sum", divergence, [1]))];
  },
});

export const mmd = defineLayer({
  name: "mmd",
  category: "loss",
  documentation: {
    summary: "The maximum mean discrepancy between two sets of examples, which may differ in number.",
    formula:
      "mean k(x, x') + mean k(y, y') - 2 * mean k(x, y), k(a, b) = sum over bandwidths s of exp(-|a - b|^2 / (2 * s^2))",
    source: "Gretton et al., 2012, A Kernel Two-Sample Test",
  },
  tensors: ["x", "y"],
  settings: [
    {
      name: "bandwidths",
      type: "floats",
      default: [1, 2, 4, 8],
      documentation: "The widths of the Gaussian kernels that are summed; not 0.",
    },
  ],
  shape: ({ inputs, settings }) => {
    const [x, y] = inputs;
    if (numbersOf(settings, "bandwidths").some((bandwidth) => bandwidth <= 0)) {
      return reject("setting", "the bandwidths of mmd must be larger than 0");
    }
    const message = `${x!.name} and ${y!.name} cannot be compared: ${describe(x!.shape)} and ${describe(y!.shape)}`;
    const wrong = reject("shape", message, {
      notes: ["only the number of examples may differ"],
      blame: [...blameAll(x!), ...blameAll(y!)],
    });
    if (x!.shape.length !== y!.shape.length || x!.shape.length < 2) return wrong;
    const agreements = x!.shape
      .slice(1)
      .map((dimension, index) => compareSizes(dimension.size, y!.shape[index + 1]!.size));
    if (agreements.includes("no")) return wrong;
    return accept([], { conditions: agreements.filter((agreement) => typeof agreement === "object") });
  },
  lower: ({ builder, inputs, settings }) => {
    const [x, y] = inputs.map((input) => flatExamples(builder, input));
    const bandwidths = numbersOf(settings, "bandwidths");
    const similarity = (left: ValueId, right: ValueId) =>
      meanOfAll(builder, kernel(builder, squaredDistances(builder, left, right), bandwidths));
    const within = builder.add(similarity(x!, x!), similarity(y!, y!));
    return [builder.subtract(within, builder.scale(similarity(x!, y!), 2))];
  },
});

/** |x_i - y_j|^2 = |x_i|^2 + |y_j|^2 - 2 * x_i . y_j, as [rows of x, rows of y]. */
function squaredDistances(builder: GraphBuilder, x: ValueId, y: ValueId): ValueId {
  const squares = (value: ValueId, shape: readonly number[]) =>
    builder.reshape(builder.reduce("sum", builder.multiply(value, value), [1]), shape);
  const products = builder.node("matmul", { transposeLeft: false, transposeRight: true, epilogue: null }, [
    x,
    y,
  ]);
  const [rows, columns] = builder.shape(products);
  const norms = builder.add(squares(x, [rows!, 1]), squares(y, [1, columns!]));
  return builder.subtract(norms, builder.scale(products, 2));
}

function kernel(builder: GraphBuilder, distances: ValueId, bandwidths: readonly number[]): ValueId {
  const terms = bandwidths.map((bandwidth) =>
    scalar.exp(scalar.multiply(scalar.input(0), -1 / (2 * bandwidth * bandwidth))),
  );
  return builder.map(
    terms.reduce((left, right) => scalar.add(left, right)),
    [distances],
  );
}
