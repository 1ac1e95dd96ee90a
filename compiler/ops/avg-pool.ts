/** `avg_pool` and `avg_pool_gradient`: the mean of every window. */
import { invariant } from "../diagnostics/invariant.js";
import { elementCount } from "../ir/shapes.js";
import { checkCotangent, checkPositive, imageShape } from "./convolution.js";
import { neverInPlace, type OpDefinition } from "./definition.js";
import { forEachPosition, forEachWindow, poolOutput, type PoolWindow } from "./window.js";

export const avgPool: OpDefinition<"avg_pool"> = {
  documentation: "The mean of every window; `countIncludesPad` says whether padding counts as zeros.",
  infer: (attributes, inputs) => {
    invariant(inputs.length === 1, "avg_pool takes one input");
    return [{ dataType: "f32", shape: poolOutput(attributes, imageShape(inputs[0], "x")) }];
  },
  flops: ({ size }, _inputs, [output]) => size[0] * size[1] * elementCount(output!.shape),
  inPlace: neverInPlace,
  gradient: ({ builder, attributes, inputs, cotangent }) => {
    const [, , height, width] = imageShape(builder.type(inputs[0]!), "x");
    return [() => builder.node("avg_pool_gradient", { ...attributes, height, width }, [cotangent])];
  },
  evaluate: ({ attributes, inputs, inputTypes, outputTypes }) => {
    const x = inputs[0]!;
    const xShape = imageShape(inputTypes[0], "x");
    const shape = imageShape(outputTypes[0], "the output");
    const output = new Float64Array(elementCount(shape));
    forEachWindow(attributes, xShape, shape, (window) => {
      let sum = 0;
      forEachPosition(window, xShape[3], (index) => (sum += x[index]!));
      output[window.output] = sum / divisor(window, attributes.countIncludesPad);
    });
    return [output];
  },
};

export const avgPoolGradient: OpDefinition<"avg_pool_gradient"> = {
  documentation: "cotangent -> gradient of x [N, C, height, width].",
  infer: (attributes, inputs) => {
    invariant(inputs.length === 1, "avg_pool_gradient takes a cotangent");
    const cotangent = imageShape(inputs[0], "the cotangent");
    const { height, width } = attributes;
    checkPositive([height, width], "height or width");
    const x = [cotangent[0], cotangent[1], height, width] as const;
    checkCotangent(cotangent, poolOutput(attributes, x));
    return [{ dataType: "f32", shape: x }];
  },
  flops: ({ size }, [cotangent]) => size[0] * size[1] * elementCount(cotangent!.shape),
  inPlace: neverInPlace,
  gradient: ({ builder, attributes, cotangent }) => {
    const { size, stride, pad, ceil, countIncludesPad } = attributes;
    return [() => builder.node("avg_pool", { size, stride, pad, ceil, countIncludesPad }, [cotangent])];
  },
  evaluate: ({ attributes, inputs, inputTypes, outputTypes }) => {
    const cotangent = inputs[0]!;
    const xShape = imageShape(outputTypes[0], "x");
    const gradient = new Float64Array(elementCount(xShape));
    forEachWindow(attributes, xShape, imageShape(inputTypes[0], "the cotangent"), (window) => {
      const share = cotangent[window.output]! / divisor(window, attributes.countIncludesPad);
      forEachPosition(window, xShape[3], (index) => (gradient[index]! += share));
    });
    return [gradient];
  },
};

function divisor(window: PoolWindow, countIncludesPad: boolean): number {
  if (countIncludesPad) return window.paddedArea;
  return (window.bottom - window.top) * (window.right - window.left);
}
