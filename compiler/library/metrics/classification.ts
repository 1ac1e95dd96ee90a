/** How often scores name the right class: accuracy, error and top-k accuracy. */
import * as scalar from "../expressions.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import type { LayerDefinition, LowerContext } from "../definition.js";
import { labelShape, labelsAsColumn } from "../labels.js";
import { meanOfAll } from "../losses/shared.js";
import { numberOf } from "../read-settings.js";
import type { SettingDefinition } from "../settings.js";
import { accept } from "../shape-results.js";

export const accuracy = metric(
  "accuracy",
  "The part of the examples whose highest score is that of their label; of equal scores the first counts.",
  "mean over n of [argmax(logits[n]) == label[n]]",
  [],
  (context) => hits(context, 1),
);

export const error = metric(
  "error",
  "The part of the examples whose highest score is not that of their label.",
  "1 - accuracy",
  [],
  (context) => context.builder.map(scalar.subtract(1, scalar.input(0)), [hits(context, 1)]),
);

export const topK = metric(
  "top_k",
  "The part of the examples whose label is among the k highest scores.",
  "mean over n of [label[n] is among the k largest of logits[n]]",
  [{ name: "k", type: "integer", default: 5, minimum: 1, documentation: "How many guesses count." }],
  (context) => hits(context, numberOf(context.settings, "k")),
);

function metric(
  name: string,
  summary: string,
  formula: string,
  settings: readonly SettingDefinition[],
  build: (context: LowerContext) => ValueId,
): LayerDefinition {
  return defineLayer({
    name,
    category: "metric",
    documentation: { summary, formula, source: "" },
    tensors: ["logits", "label"],
    integerOperands: ["label"],
    settings,
    shape: (context) => {
      const labelled = labelShape(name, context);
      return labelled.ok ? accept([], { conditions: labelled.conditions }) : labelled;
    },
    lower: (context) => [meanOfAll(context.builder, build(context))],
  });
}

/**
 * 1 for each example whose label is beaten by fewer than k classes, where of equal scores
 * the first is the higher, else 0. A score that is not a number beats all others.
 */
function hits({ builder, inputs }: LowerContext, k: number): ValueId {
  const [scores, label] = inputs;
  const isDistribution = builder.type(label!).dataType === "f32";
  const column = isDistribution ? firstLargest(builder, label!) : labelsAsColumn(builder, label!);
  const isLabel = scalar.equal(scalar.coordinate(1), scalar.input(1));
  const own = builder.reduce(
    "sum",
    builder.map(scalar.select(isLabel, scalar.input(0), 0), [scores!, column]),
    [1],
  );
  const [score, position, ownScore] = [scalar.input(0), scalar.input(1), scalar.input(2)];
  const isEarlier = scalar.less(scalar.coordinate(1), position);
  // As "not below", since every comparison with what is not a number is false.
  const isBelow = scalar.select(isEarlier, scalar.less(score, ownScore), scalar.lessEqual(score, ownScore));
  const beats = builder.map(scalar.subtract(1, isBelow), [scores!, column, own]);
  const better = builder.reduce("sum", beats, [1]);
  return builder.map(scalar.less(scalar.input(0), k), [better]);
}

/** The position of the first largest value along axis 1, which stays with size 1. */
function firstLargest(builder: GraphBuilder, x: ValueId): ValueId {
  const classes = builder.shape(x)[1]!;
  const largest = builder.reduce("maximum", x, [1]);
  const isLargest = scalar.equal(scalar.input(0), scalar.input(1));
  const position = scalar.select(isLargest, scalar.negate(scalar.coordinate(1)), -classes);
  return builder.unary("negate", builder.reduce("maximum", builder.map(position, [x, largest]), [1]));
}
