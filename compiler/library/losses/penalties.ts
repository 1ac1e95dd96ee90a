/** Penalties on the parameters of a net or of a part of one. */
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import type { LayerDefinition } from "../definition.js";
import { accept } from "../shape-results.js";
import { sumOfAll } from "./shared.js";

export const l1 = penalty(
  "l1",
  "The sum of the magnitudes of all parameters.",
  "sum |w|",
  (builder, parameter) => builder.unary("abs", parameter),
);

export const l2 = penalty(
  "l2",
  "The sum of the squares of all parameters.",
  "sum w^2",
  (builder, parameter) => builder.multiply(parameter, parameter),
);

function penalty(
  name: string,
  summary: string,
  formula: string,
  each: (builder: GraphBuilder, parameter: ValueId) => ValueId,
): LayerDefinition {
  return defineLayer({
    name,
    category: "loss",
    documentation: { summary, formula, source: "" },
    tensors: ["parameters"],
    variadic: true,
    takesParameters: true,
    shape: () => accept([]),
    lower: ({ builder, inputs }) => {
      if (inputs.length === 0) return [builder.constant(0)];
      const sums = inputs.map((parameter) => sumOfAll(builder, each(builder, parameter)));
      return [sums.reduce((left, right) => builder.add(left, right))];
    },
  });
}
