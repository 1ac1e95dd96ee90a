/**
 * Activations that work on each value alone: rows of data, one scalar expression each.
 *
 * Expressions are written so that neither they nor their derivatives overflow on the
 * side that is not taken.
 */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import { reject } from "../shape-results.js";
import { numberOf } from "../read-settings.js";
import type { SettingDefinition, SettingValues } from "../settings.js";
import type { LayerDefinition } from "../definition.js";
import { definePointwise } from "../pointwise.js";
import { softplusOf } from "../stable.js";

const x = scalar.input(0);

/** The constants with which the normal distribution is a fixed point (Klambauer et al., 2017). */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

const slopeSetting: SettingDefinition = {
  name: "slope",
  type: "float",
  default: 0.01,
  documentation: "The slope of the negative side.",
};

export const relu = definePointwise({
  name: "relu",
  category: "activation",
  reluLike: true,
  summary: "Cuts negative values off.",
  formula: "y = max(0, x)",
  source: "Nair and Hinton, 2010, Rectified Linear Units Improve Restricted Boltzmann Machines",
  expression: () => scalar.maximum(x, 0),
});

export const leakyRelu = definePointwise({
  name: "leaky_relu",
  category: "activation",
  reluLike: true,
  summary: "Lets a little of the negative side through.",
  formula: "y = x > 0 ? x : slope * x",
  source: "Maas et al., 2013, Rectifier Nonlinearities Improve Neural Network Acoustic Models",
  settings: [slopeSetting],
  expression: (settings) =>
    scalar.select(scalar.less(0, x), x, scalar.multiply(numberOf(settings, "slope"), x)),
});

export const elu = definePointwise({
  name: "elu",
  category: "activation",
  reluLike: true,
  summary: "Bends the negative side smoothly towards -alpha.",
  formula: "y = x > 0 ? x : alpha * (exp(x) - 1)",
  source: "Clevert et al., 2016, Fast and Accurate Deep Network Learning by Exponential Linear Units",
  settings: [
    { name: "alpha", type: "float", default: 1, minimum: 0, documentation: "Where the negative side ends." },
  ],
  expression: (settings) => exponentialLinear(numberOf(settings, "alpha")),
});

export const selu = definePointwise({
  name: "selu",
  category: "activation",
  reluLike: true,
  summary: "An elu scaled so that deep nets keep mean 0 and variance 1 by themselves.",
  formula: "y = 1.0507 * (x > 0 ? x : 1.6733 * (exp(x) - 1))",
  source: "Klambauer et al., 2017, Self-Normalizing Neural Networks",
  expression: () => scalar.multiply(seluScale, exponentialLinear(seluAlpha)),
});

export const gelu = definePointwise({
  name: "gelu",
  category: "activation",
  reluLike: true,
  summary: "Weighs a value by the probability that a normal number is smaller.",
  formula: "y = x * (1 + erf(x / sqrt(2))) / 2",
  source: "Hendrycks and Gimpel, 2016, Gaussian Error Linear Units",
  expression: () =>
    scalar.multiply(x, scalar.multiply(0.5, scalar.add(1, scalar.erf(scalar.multiply(x, Math.SQRT1_2))))),
});

export const sigmoid = definePointwise({
  name: "sigmoid",
  category: "activation",
  summary: "Squeezes a value between 0 and 1.",
  formula: "y = 1 / (1 + exp(-x))",
  source: "",
  expression: () => scalar.sigmoid(x),
});

export const tanh = definePointwise({
  name: "tanh",
  category: "activation",
  summary: "Squeezes a value between -1 and 1.",
  formula: "y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))",
  source: "",
  expression: () => scalar.tanh(x),
});

export const softplus = definePointwise({
  name: "softplus",
  category: "activation",
  reluLike: true,
  summary: "A smooth relu.",
  formula: "y = log(1 + exp(x))",
  source: "Dugas et al., 2001, Incorporating Second-Order Functional Knowledge",
  expression: () => softplusOf(x),
});

export const clip = definePointwise({
  name: "clip",
  category: "activation",
  summary: "Keeps a value between two numbers.",
  formula: "y = min(max(x, low), high)",
  source: "",
  settings: [
    { name: "low", type: "float", documentation: "The smallest value." },
    { name: "high", type: "float", documentation: "The largest value." },
  ],
  refuse: (settings) => refuseEmptyRange(settings),
  expression: (settings) =>
    scalar.minimum(scalar.maximum(x, numberOf(settings, "low")), numberOf(settings, "high")),
});

export const pointwiseActivations: readonly LayerDefinition[] = [
  relu,
  leakyRelu,
  elu,
  selu,
  gelu,
  sigmoid,
  tanh,
  softplus,
  clip,
];

/** x > 0 ? x : alpha * (exp(x) - 1); the exponent is kept from overflowing where it is not used. */
function exponentialLinear(alpha: number): Expression {
  const negative = scalar.select(scalar.less(0, x), 0, x);
  return scalar.select(
    scalar.less(0, x),
    x,
    scalar.multiply(alpha, scalar.subtract(scalar.exp(negative), 1)),
  );
}

function refuseEmptyRange(settings: SettingValues) {
  const low = numberOf(settings, "low");
  const high = numberOf(settings, "high");
  if (low < high) return null;
  return reject("setting", `clip has nothing between low=${String(low)} and high=${String(high)}`, {
    suggestion: "Give the smaller number first",
  });
}
