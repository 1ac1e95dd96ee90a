/** Losses that compare two tensors element by element; means over all elements, as in PyTorch. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import type { LayerDefinition } from "../definition.js";
import { numberOf } from "../read-settings.js";
import { softplusOf } from "../stable.js";
import { definePairedLoss } from "./shared.js";

export const pairedLosses: readonly LayerDefinition[] = [
  definePairedLoss({
    name: "mse",
    documentation: { summary: "The mean squared error.", formula: "mean((a - b)^2)", source: "" },
    tensors: ["a", "b"],
    expression: (a, b) => squared(scalar.subtract(a, b)),
  }),
  definePairedLoss({
    name: "mae",
    documentation: { summary: "The mean absolute error.", formula: "mean(|a - b|)", source: "" },
    tensors: ["a", "b"],
    expression: (a, b) => scalar.abs(scalar.subtract(a, b)),
  }),
  definePairedLoss({
    name: "huber",
    documentation: {
      summary: "Squared for small errors, absolute for large ones.",
      formula: "mean(d <= delta ? d^2 / 2 : delta * (d - delta / 2)), d = |a - b|",
      source: "Huber, 1964, Robust Estimation of a Location Parameter",
    },
    tensors: ["a", "b"],
    settings: [
      { name: "delta", type: "float", default: 1, minimum: 0, documentation: "Where large errors begin." },
    ],
    expression: (a, b, settings) => huberOf(scalar.subtract(a, b), numberOf(settings, "delta")),
  }),
  definePairedLoss({
    name: "hinge",
    documentation: {
      summary: "How far scores fall short of a margin of 1, for targets of 1 and -1.",
      formula: "mean(max(0, 1 - a * b))",
      source: "Cortes and Vapnik, 1995, Support-Vector Networks",
    },
    tensors: ["a", "b"],
    expression: (a, b) => scalar.maximum(scalar.subtract(1, scalar.multiply(a, b)), 0),
  }),
  definePairedLoss({
    name: "bce",
    documentation: {
      summary: "Binary cross-entropy of probabilities; logarithms end at -100, as in PyTorch.",
      formula: "mean(-(target * log(probability) + (1 - target) * log(1 - probability)))",
      source: "",
    },
    tensors: ["probability", "target"],
    expression: (probability, target) =>
      scalar.negate(
        scalar.add(
          scalar.multiply(target, boundedLog(probability)),
          scalar.multiply(scalar.subtract(1, target), boundedLog(scalar.subtract(1, probability))),
        ),
      ),
  }),
  definePairedLoss({
    name: "bce_with_logits",
    documentation: {
      summary: "Binary cross-entropy of scores, before a sigmoid; exact for large ones.",
      formula: "mean(log(1 + exp(logits)) - target * logits)",
      source: "",
    },
    tensors: ["logits", "target"],
    notAfter: ["sigmoid", "softmax"],
    expression: (logits, target) => scalar.subtract(softplusOf(logits), scalar.multiply(target, logits)),
  }),
];

function squared(x: Expression): Expression {
  return scalar.multiply(x, x);
}

function huberOf(difference: Expression, delta: number): Expression {
  const distance = scalar.abs(difference);
  return scalar.select(
    scalar.lessEqual(distance, delta),
    scalar.multiply(0.5, squared(difference)),
    scalar.multiply(delta, scalar.subtract(distance, delta / 2)),
  );
}

/** max(log(x), -100); where x is 0, neither the logarithm nor its derivative is taken. */
function boundedLog(x: Expression): Expression {
  const isPositive = scalar.less(0, x);
  const safe = scalar.select(isPositive, x, 1);
  return scalar.select(isPositive, scalar.maximum(scalar.log(safe), -100), -100);
}
