/** Layers that leave values as they are: identity, and detach, where gradients end. */
import { defineLayer } from "../define.js";
import { accept, acceptAll, unchanged } from "../shape-results.js";

export const identity = defineLayer({
  name: "identity",
  category: "layer",
  documentation: { summary: "Changes nothing.", formula: "y = x", source: "" },
  shape: ({ inputs }) => accept(unchanged(inputs[0]!)),
  lower: ({ inputs }) => [inputs[0]!],
});

export const detach = defineLayer({
  name: "detach",
  category: "layer",
  documentation: {
    summary: "Changes nothing, and lets no gradient through: what lies before is not trained.",
    formula: "y = x, dy/dx = 0",
    source: "",
  },
  stopsGradient: true,
  shape: ({ inputs }) => acceptAll([{ dataType: inputs[0]!.dataType, shape: unchanged(inputs[0]!) }]),
  lower: ({ builder, inputs }) => [builder.detach(inputs[0]!)],
});
