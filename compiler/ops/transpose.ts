/** `transpose`: axes in another order. */
import { invariant } from "../diagnostics/invariant.js";
import { denseStrides } from "../ir/shapes.js";
import { copyStrided } from "./copies.js";
import { neverInPlace, noFlops, type OpDefinition } from "./definition.js";

export const transpose: OpDefinition<"transpose"> = {
  documentation: "Axes in another order: output axis i is input axis order[i].",
  infer: ({ order }, inputs) => {
    const [input] = inputs;
    invariant(inputs.length === 1 && input !== undefined, "transpose takes one input");
    const isPermutation =
      order.length === input.shape.length && input.shape.every((_, axis) => order.includes(axis));
    invariant(isPermutation, () => `[${input.shape.join()}] in the order ${order.join()}`);
    return [{ dataType: input.dataType, shape: order.map((axis) => input.shape[axis]!) }];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: ({ builder, attributes: { order }, cotangent }) => [
    () => builder.node("transpose", { order: order.map((_, axis) => order.indexOf(axis)) }, [cotangent]),
  ],
  evaluate: ({ attributes, inputs, inputTypes, outputTypes }) => {
    const dense = denseStrides(inputTypes[0]!.shape);
    const output = new Float64Array(inputs[0]!.length);
    const { shape } = outputTypes[0]!;
    const readStrides = attributes.order.map((axis) => dense[axis]!);
    copyStrided(inputs[0]!, 0, readStrides, output, 0, denseStrides(shape), shape);
    return [output];
  },
};
