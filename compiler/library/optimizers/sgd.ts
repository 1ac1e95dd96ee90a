/** Stochastic gradient descent with momentum, as PyTorch's SGD. */
import type { OptimizerDefinition } from "../definition.js";
import { booleanOf, numberOf } from "../read-settings.js";
import { descend, factorSetting, rateSetting, regularization } from "./shared.js";

export const sgd: OptimizerDefinition = {
  kind: "optimizer",
  name: "sgd",
  documentation: {
    summary: "Gradient descent, with momentum if wanted.",
    formula: "v = momentum * v + g; w = w - lr * v (nesterov: w - lr * (g + momentum * v))",
    source: "Sutskever et al., 2013, On the Importance of Initialization and Momentum in Deep Learning",
  },
  settings: [
    rateSetting,
    factorSetting("momentum", 0, "How much of the last direction is kept."),
    {
      name: "nesterov",
      type: "boolean",
      default: false,
      documentation: "Whether the gradient counts once more after the momentum.",
    },
    ...regularization,
  ],
  decoupledWeightDecay: false,
  state: (settings) => (numberOf(settings, "momentum") === 0 ? [] : ["velocity"]),
  update: (context) => {
    const { builder, settings, gradient, state } = context;
    const momentum = numberOf(settings, "momentum");
    if (momentum === 0) return { parameter: descend(context, gradient), state: {} };
    const velocity = builder.add(builder.scale(state["velocity"]!, momentum), gradient);
    const direction = booleanOf(settings, "nesterov")
      ? builder.add(gradient, builder.scale(velocity, momentum))
      : velocity;
    return { parameter: descend(context, direction), state: { velocity } };
  },
};
