/** Ops that name the same elements anew, without arithmetic: `detach`, `reshape`. */
import { invariant } from "../diagnostics/invariant.js";
import { elementCount } from "../ir/shapes.js";
import { checkShape } from "./check-expression.js";
import { noFlops, noGradient, type OpDefinition } from "./definition.js";

export const detach: OpDefinition<"detach"> = {
  documentation: "The same tensor, through which no gradient flows.",
  infer: (_attributes, inputs) => {
    invariant(inputs.length === 1, "detach takes one input");
    return inputs;
  },
  flops: noFlops,
  inPlace: () => [[0]],
  gradient: noGradient,
  evaluate: ({ inputs }) => inputs,
};

export const reshape: OpDefinition<"reshape"> = {
  documentation: "The same elements in the same order, in another shape.",
  infer: ({ shape }, inputs) => {
    const [input] = inputs;
    invariant(inputs.length === 1 && input !== undefined, "reshape takes one input");
    checkShape(shape);
    invariant(
      elementCount(shape) === elementCount(input.shape),
      () => `[${input.shape.join()}] cannot become [${shape.join()}]`,
    );
    return [{ dataType: input.dataType, shape }];
  },
  flops: noFlops,
  inPlace: () => [[0]],
  gradient: ({ builder, inputs, cotangent }) => [() => builder.reshape(cotangent, builder.shape(inputs[0]!))],
  evaluate: ({ inputs }) => inputs,
};
