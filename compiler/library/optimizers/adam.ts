/** Adam and AdamW, as in PyTorch. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import type { ValueId } from "../../ir/graph.js";
import { epsilon } from "../common-settings.js";
import type { OptimizerContext, OptimizerDefinition } from "../definition.js";
import { numberOf } from "../read-settings.js";
import { descend, factorSetting, movingMean, rateSetting, regularization, rootPlus } from "./shared.js";

const settings = [
  rateSetting,
  factorSetting("beta1", 0.9, "How slowly the mean of the gradients moves."),
  factorSetting("beta2", 0.999, "How slowly the mean of their squares moves."),
  epsilon(1e-8),
  ...regularization,
];

const formula =
  "m = beta1 * m + (1 - beta1) * g; s = beta2 * s + (1 - beta2) * g^2; w = w - lr * (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)";

export const adam: OptimizerDefinition = {
  kind: "optimizer",
  name: "adam",
  documentation: {
    summary: "Follows a moving mean of the gradients, divided by the root of one of their squares.",
    formula,
    source: "Kingma and Ba, 2015, Adam: A Method for Stochastic Optimization",
  },
  settings,
  decoupledWeightDecay: false,
  state: () => ["mean", "squares"],
  update: (context) => adamUpdate(context, context.parameter),
};

export const adamw: OptimizerDefinition = {
  kind: "optimizer",
  name: "adamw",
  documentation: {
    summary: "Adam with weight decay applied to the parameters themselves, not through the gradient.",
    formula: `w = w * (1 - lr * weight_decay); ${formula}`,
    source: "Loshchilov and Hutter, 2019, Decoupled Weight Decay Regularization",
  },
  settings,
  decoupledWeightDecay: true,
  state: () => ["mean", "squares"],
  update: (context) => {
    const { builder, parameter, rate } = context;
    const decay = numberOf(context.settings, "weight_decay");
    if (decay === 0) return adamUpdate(context, parameter);
    const kept = builder.map(scalar.subtract(1, scalar.multiply(decay, scalar.input(0))), [rate]);
    return adamUpdate(context, builder.multiply(parameter, kept));
  },
};

function adamUpdate(context: OptimizerContext, parameter: ValueId) {
  const { builder, settings: values, gradient, state } = context;
  const beta1 = numberOf(values, "beta1");
  const beta2 = numberOf(values, "beta2");
  const mean = movingMean(context, state["mean"]!, gradient, beta1);
  const squares = movingMean(context, state["squares"]!, gradient, beta2, "square");
  const meanCorrection = context.scalar("adam.mean_correction", scalar.divide(1, unbiased(beta1)));
  const squareCorrection = context.scalar("adam.square_correction", scalar.divide(1, unbiased(beta2)));
  const corrected = builder.multiply(mean, meanCorrection);
  const root = rootPlus(context, builder.multiply(squares, squareCorrection), numberOf(values, "eps"));
  const direction = builder.divide(corrected, root);
  return { parameter: descend({ ...context, parameter }, direction), state: { mean, squares } };
}

/** 1 - beta^t, where t counts the updates from 1. */
function unbiased(beta: number): Expression {
  return scalar.subtract(1, scalar.power(beta, scalar.add(scalar.variable("step"), 1)));
}
