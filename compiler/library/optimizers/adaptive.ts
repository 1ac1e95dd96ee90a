/** Optimizers that scale each gradient by the size of those before: Adagrad and RMSprop, as in PyTorch. */
import type { OptimizerDefinition } from "../definition.js";
import { epsilon } from "../common-settings.js";
import { numberOf } from "../read-settings.js";
import { descend, factorSetting, movingMean, rateSetting, regularization, rootPlus } from "./shared.js";

export const adagrad: OptimizerDefinition = {
  kind: "optimizer",
  name: "adagrad",
  documentation: {
    summary: "Divides each gradient by the root of the sum of all its squares.",
    formula: "s = s + g^2; w = w - lr * g / (sqrt(s) + eps)",
    source: "Duchi et al., 2011, Adaptive Subgradient Methods",
  },
  settings: [rateSetting, epsilon(1e-10), ...regularization],
  decoupledWeightDecay: false,
  state: () => ["squares"],
  update: (context) => {
    const { builder, settings, gradient, state } = context;
    const squares = builder.add(state["squares"]!, builder.multiply(gradient, gradient));
    const root = rootPlus(context, squares, numberOf(settings, "eps"));
    return { parameter: descend(context, builder.divide(gradient, root)), state: { squares } };
  },
};

export const rmsprop: OptimizerDefinition = {
  kind: "optimizer",
  name: "rmsprop",
  documentation: {
    summary: "Divides each gradient by the root of a moving mean of its squares.",
    formula: "s = alpha * s + (1 - alpha) * g^2; v = momentum * v + g / (sqrt(s) + eps); w = w - lr * v",
    source: "Tieleman and Hinton, 2012, Lecture 6.5",
  },
  settings: [
    rateSetting,
    factorSetting("alpha", 0.99, "How slowly the mean of the squares moves."),
    factorSetting("momentum", 0, "How much of the last direction is kept."),
    epsilon(1e-8),
    ...regularization,
  ],
  decoupledWeightDecay: false,
  state: (settings) => (numberOf(settings, "momentum") === 0 ? ["squares"] : ["squares", "velocity"]),
  update: (context) => {
    const { builder, settings, gradient, state } = context;
    const momentum = numberOf(settings, "momentum");
    const squares = movingMean(context, state["squares"]!, gradient, numberOf(settings, "alpha"), "square");
    const scaled = builder.divide(gradient, rootPlus(context, squares, numberOf(settings, "eps")));
    if (momentum === 0) return { parameter: descend(context, scaled), state: { squares } };
    const velocity = builder.add(builder.scale(state["velocity"]!, momentum), scaled);
    return { parameter: descend(context, velocity), state: { squares, velocity } };
  },
};
