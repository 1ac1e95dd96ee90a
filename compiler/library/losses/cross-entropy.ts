/** Cross-entropy and negative log-likelihood: scores per class against labels or distributions. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import type { LowerContext } from "../definition.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import { labelShape, labelsAsColumn } from "../labels.js";
import { numberOf } from "../read-settings.js";
import { accept } from "../shape-results.js";
import { exponentialsAlong } from "../stable.js";
import { meanOfAll } from "./shared.js";

export const crossEntropy = defineLayer({
  name: "cross_entropy",
  category: "loss",
  documentation: {
    summary:
      "How surprised softmax of the scores is by the labels, which are integers [N, ...] or distributions [N, K, ...].",
    formula: "mean over n of -sum over k of q[n, k] * log(softmax(logits)[n, k])",
    source: "",
  },
  tensors: ["logits", "label"],
  notAfter: ["softmax"],
  integerOperands: ["label"],
  settings: [
    {
      name: "smoothing",
      type: "float",
      default: 0,
      minimum: 0,
      maximum: 1,
      documentation: "The part of every label that is spread evenly over all classes (Szegedy et al., 2016).",
    },
  ],
  shape: (context) => {
    const labelled = labelShape("cross_entropy", context);
    return labelled.ok ? accept([], { conditions: labelled.conditions }) : labelled;
  },
  lower: (context) => {
    const { builder, inputs } = context;
    const [logits, label] = inputs;
    const isDistribution = builder.type(label!).dataType === "f32";
    return [
      isDistribution ? fromDistribution(context, logits!, label!) : fromLabels(context, logits!, label!),
    ];
  },
});

export const nll = defineLayer({
  name: "nll",
  category: "loss",
  documentation: {
    summary:
      "The negative log-likelihood of the labels under log-probabilities, such as those of log_softmax.",
    formula: "mean over n of -log_probabilities[n, label[n]]",
    source: "",
  },
  tensors: ["log_probabilities", "label"],
  notAfter: ["softmax"],
  integerOperands: ["label"],
  shape: (context) => {
    const labelled = labelShape("nll", context);
    return labelled.ok ? accept([], { conditions: labelled.conditions }) : labelled;
  },
  lower: ({ builder, inputs }) => {
    const [scores, label] = inputs;
    const isDistribution = builder.type(label!).dataType === "f32";
    const target = isDistribution ? label! : labelsAsColumn(builder, label!);
    const weight = isDistribution ? scalar.input(1) : isLabelled;
    const picked = builder.map(scalar.multiply(weight, scalar.input(0)), [scores!, target]);
    return [meanOfAll(builder, builder.unary("negate", builder.reduce("sum", picked, [1])))];
  },
});

/** 1 where the class at hand is the label, operand 1. */
const isLabelled = scalar.equal(scalar.coordinate(1), scalar.input(1));

/**
 * log(sum(exp(z))) - sum(q * z), where z is shifted by its maximum: since every q sums to
 * 1, no tensor of log-probabilities is needed.
 */
function fromLabels({ builder, settings }: LowerContext, logits: ValueId, label: ValueId): ValueId {
  const smoothing = numberOf(settings, "smoothing");
  const classes = builder.shape(logits)[1]!;
  const { shifted, total } = exponentialsAlong(builder, logits, 1);
  const column = labelsAsColumn(builder, label);
  const weighted = builder.map(scalar.multiply(smoothed(isLabelled, smoothing, classes), scalar.input(0)), [
    shifted,
    column,
  ]);
  const score = builder.reduce("sum", weighted, [1]);
  return meanOfAll(builder, builder.subtract(builder.unary("log", total), score));
}

/** sum(q * (log(sum(exp(z))) - z)), also right for a q that does not sum to 1. */
function fromDistribution({ builder, settings }: LowerContext, logits: ValueId, target: ValueId): ValueId {
  const smoothing = numberOf(settings, "smoothing");
  const classes = builder.shape(logits)[1]!;
  const { shifted, total } = exponentialsAlong(builder, logits, 1);
  const surprise = builder.subtract(builder.unary("log", total), shifted);
  const weighted = builder.map(
    scalar.multiply(smoothed(scalar.input(1), smoothing, classes), scalar.input(0)),
    [surprise, target],
  );
  return meanOfAll(builder, builder.reduce("sum", weighted, [1]));
}

function smoothed(weight: Expression, smoothing: number, classes: number): Expression {
  if (smoothing === 0) return weight;
  return scalar.add(scalar.multiply(1 - smoothing, weight), smoothing / classes);
}
