/** Dropout: values are dropped at random in training mode, and the others scaled up. */
import * as scalar from "../expressions.js";
import { defineLayer } from "../define.js";
import { numberOf } from "../read-settings.js";
import { accept, unchanged } from "../shape-results.js";

export const dropout = defineLayer({
  name: "dropout",
  category: "layer",
  isRandom: true,
  documentation: {
    summary: "Sets values to 0 at random in training mode; in inference mode it changes nothing.",
    formula: "y = u < p ? 0 : x / (1 - p), u ~ Uniform(0, 1) for every value",
    source: "Srivastava et al., 2014, Dropout",
  },
  settings: [
    {
      name: "p",
      type: "float",
      default: 0.5,
      minimum: 0,
      maximum: 1,
      documentation: "The probability that a value is dropped.",
    },
  ],
  shape: ({ inputs }) => accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, settings, mode, randomStream }) => {
    const x = inputs[0]!;
    const p = numberOf(settings, "p");
    if (mode === "inference" || p === 0) return [x];
    const kept = p < 1 ? 1 / (1 - p) : 0;
    const mask = scalar.select(scalar.less(scalar.random(randomStream), p), 0, kept);
    return [builder.map(scalar.multiply(scalar.input(0), mask), [x])];
  },
});
