/** The fully connected layer, as PyTorch's Linear: weight [out, in]. */
import { initializerSetting, inputIsKnown } from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { OperandShape } from "../definition.js";
import { booleanOf, initializerOf, numberOf } from "../read-settings.js";
import {
  accept,
  counted,
  blameAll,
  describe,
  fixed,
  listed,
  reject,
  requireNumber,
  same,
} from "../shape-results.js";
import { addBias, biasParameter, biasSettings, refuseBiasInitializer } from "../bias.js";
import { asVariable, format, variablesOf } from "../../sizes/size.js";

export const dense = defineLayer({
  name: "dense",
  category: "layer",
  documentation: {
    summary: "Joins every input feature to every output feature by a trained weight.",
    formula: "y[n, o] = bias[o] + sum over i of weight[o, i] * x[n, i]",
    source: "",
  },
  settings: [
    { name: "width", type: "integer", minimum: 1, documentation: "The number of output features." },
    { ...biasSettings[0], mistakenFor: inputIsKnown("dense(width)") },
    initializerSetting,
    biasSettings[1],
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    if (x.shape.length !== 2) return refuseShape(x, numberOf(settings, "width"));
    const refused = refuseBiasInitializer("dense", settings);
    if (refused !== null) return refused;
    const width = numberOf(settings, "width");
    return accept([same(x.shape[0]!), fixed(width, counted(width, "feature"))]);
  },
  parameters: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const width = numberOf(settings, "width");
    const features = requireNumber(
      "dense",
      x,
      1,
      "the number of features",
      `dense keeps a weight of shape [${String(width)}, ${format(x.shape[1]!.size)}]`,
      adviceForUnknown(x),
    );
    if (!features.ok) return features;
    const initializer = initializerOf(settings, "init");
    return {
      ok: true,
      parameters: [
        { name: "weight", role: "parameter", shape: [width, features.value], initializer },
        ...biasParameter(settings, width),
      ],
    };
  },
  lower: ({ builder, inputs, settings, parameter }) => {
    const attributes = { transposeLeft: false, transposeRight: true, epilogue: null };
    const product = builder.node("matmul", attributes, [inputs[0]!, parameter("weight")]);
    return [booleanOf(settings, "bias") ? addBias(builder, product, parameter("bias")) : product];
  },
});

function refuseShape(x: OperandShape, width: number) {
  const call = `dense(${String(width)})`;
  return reject("shape", `dense needs features [N, F], and ${x.name} is ${describe(x.shape)}`, {
    blame: blameAll(x).slice(1),
    suggestion:
      x.shape.length > 2
        ? `Put the features in one row first: ${x.name} -> flatten -> ${call}`
        : `Give it an axis of features: ${x.name} -> reshape(1) -> ${call}`,
  });
}

function adviceForUnknown(x: OperandShape): string {
  const { size } = x.shape[1]!;
  const variables = variablesOf(size);
  const unknown = listed(variables);
  const numbers = variables.length === 1 ? "a number" : "numbers";
  // A size variable by itself was declared so; a product comes from flattening an image.
  if (asVariable(size) !== null) return `Give ${unknown} in the signature as ${numbers}`;
  return `Give ${unknown} in the signature as ${numbers}, or replace flatten by global_avg_pool, which gives [N, C] for any image`;
}
