/** Sums, means and maxima over axes, which disappear; over all of them without `axis=`. */
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { allAxes, positiveAxis, requireAxis } from "../axes.js";
import { defineLayer } from "../define.js";
import type { LayerDefinition, OperandShape } from "../definition.js";
import { optionalNumbers } from "../read-settings.js";
import type { SettingValues } from "../settings.js";
import { type Rejected, accept, same } from "../shape-results.js";

export const sum = reduction(
  "sum",
  "The sum of the values along an axis.",
  "y = sum of x",
  (builder, x, axes) => builder.reduce("sum", x, axes),
);

export const mean = reduction(
  "mean",
  "The mean of the values along an axis.",
  "y = sum of x / count",
  (builder, x, axes) => builder.mean(x, axes),
);

export const max = reduction("max", "The largest value along an axis.", "y = max of x", (builder, x, axes) =>
  builder.reduce("maximum", x, axes),
);

function reduction(
  name: string,
  summary: string,
  formula: string,
  build: (builder: GraphBuilder, x: ValueId, axes: readonly number[]) => ValueId,
): LayerDefinition {
  return defineLayer({
    name,
    category: "function",
    documentation: { summary, formula, source: "" },
    settings: [
      {
        name: "axis",
        type: "integers",
        default: null,
        documentation:
          "One axis or several, counted from 0 or, negative, from the end; they disappear. By default all of them, which gives a single number.",
      },
    ],
    shape: ({ inputs, settings }) => {
      const axes = requireAxes(name, inputs[0]!, settings);
      if (!axes.ok) return axes;
      return accept(inputs[0]!.shape.filter((_, axis) => !axes.axes.includes(axis)).map(same));
    },
    lower: ({ builder, inputs, settings }) => {
      const x = inputs[0]!;
      const shape = builder.shape(x);
      const given = optionalNumbers(settings, "axis");
      const axes = given === null ? allAxes(shape) : given.map((axis) => positiveAxis(axis, shape.length));
      if (axes.length === 0) return [x];
      const ascending = [...new Set(axes)].sort((left, right) => left - right);
      const kept = shape.filter((_, axis) => !ascending.includes(axis));
      return [builder.reshape(build(builder, x, ascending), kept)];
    },
  });
}

function requireAxes(
  word: string,
  x: OperandShape,
  settings: SettingValues,
): { readonly ok: true; readonly axes: readonly number[] } | Rejected {
  const given = optionalNumbers(settings, "axis");
  if (given === null) return { ok: true, axes: allAxes(x.shape) };
  const axes: number[] = [];
  for (const axis of given) {
    const found = requireAxis(word, x, axis);
    if (!found.ok) return found;
    axes.push(found.axis);
  }
  return { ok: true, axes };
}
