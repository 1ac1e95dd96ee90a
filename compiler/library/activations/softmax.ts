/** Softmax and its logarithm along an axis. */
import { positiveAxis, requireAxis } from "../axes.js";
import { axisSetting } from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { LayerDefinition } from "../definition.js";
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { numberOf } from "../read-settings.js";
import { accept, unchanged } from "../shape-results.js";
import { logSoftmaxAlong, softmaxAlong } from "../stable.js";

export const softmax = alongAxis(
  "softmax",
  "Turns scores into probabilities, which sum to 1 along the axis.",
  "y = exp(x) / sum(exp(x))",
  softmaxAlong,
);

export const logSoftmax = alongAxis(
  "log_softmax",
  "The logarithm of softmax, without its loss of precision.",
  "y = x - log(sum(exp(x)))",
  logSoftmaxAlong,
);

function alongAxis(
  name: string,
  summary: string,
  formula: string,
  build: (builder: GraphBuilder, x: ValueId, axis: number) => ValueId,
): LayerDefinition {
  return defineLayer({
    name,
    category: "activation",
    documentation: { summary, formula, source: "" },
    settings: [axisSetting(1)],
    shape: ({ inputs, settings }) => {
      const axis = requireAxis(name, inputs[0]!, numberOf(settings, "axis"));
      return axis.ok ? accept(unchanged(inputs[0]!)) : axis;
    },
    lower: ({ builder, inputs, settings }) => {
      const x = inputs[0]!;
      return [build(builder, x, positiveAxis(numberOf(settings, "axis"), builder.shape(x).length))];
    },
  });
}
