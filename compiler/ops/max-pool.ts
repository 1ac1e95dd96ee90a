/** `max_pool` and `max_pool_gradient`: the largest element of every window; padding never wins. */
import { invariant } from "../diagnostics/invariant.js";
import type { ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { checkCotangent, imageShape } from "./convolution.js";
import { neverInPlace, type OpDefinition } from "./definition.js";
import { forEachPosition, forEachWindow, poolOutput, type PoolWindow } from "./window.js";

export const maxPool: OpDefinition<"max_pool"> = {
  documentation: "The largest element of every window; padding never wins.",
  infer: (attributes, inputs) => {
    invariant(inputs.length === 1, "max_pool takes one input");
    return [{ dataType: "f32", shape: poolOutput(attributes, imageShape(inputs[0], "x")) }];
  },
  flops: ({ size }, _inputs, [output]) => size[0] * size[1] * elementCount(output!.shape),
  inPlace: neverInPlace,
  gradient: ({ builder, attributes, inputs, cotangent }) => [
    () => builder.node("max_pool_gradient", attributes, [inputs[0] as ValueId, cotangent]),
  ],
  evaluate: ({ attributes, inputs, inputTypes, outputTypes }) => {
    const x = inputs[0]!;
    const xShape = imageShape(inputTypes[0], "x");
    const shape = imageShape(outputTypes[0], "the output");
    const output = new Float64Array(elementCount(shape));
    forEachWindow(attributes, xShape, shape, (window) => {
      output[window.output] = x[firstMaximum(x, window, xShape[3])]!;
    });
    return [output];
  },
};

export const maxPoolGradient: OpDefinition<"max_pool_gradient"> = {
  documentation: "x, cotangent -> gradient of x; the first of equal maxima takes it.",
  infer: (attributes, inputs) => {
    invariant(inputs.length === 2, "max_pool_gradient takes x and a cotangent");
    const x = imageShape(inputs[0], "x");
    checkCotangent(imageShape(inputs[1], "the cotangent"), poolOutput(attributes, x));
    return [{ dataType: "f32", shape: x }];
  },
  flops: ({ size }, [, cotangent]) => size[0] * size[1] * elementCount(cotangent!.shape),
  inPlace: neverInPlace,
  gradient: () => {
    invariant(false, "no rule for the second derivative of max_pool");
  },
  evaluate: ({ attributes, inputs, inputTypes }) => {
    const [x, cotangent] = inputs as readonly [Float64Array, Float64Array];
    const xShape = imageShape(inputTypes[0], "x");
    const gradient = new Float64Array(x.length);
    forEachWindow(attributes, xShape, imageShape(inputTypes[1], "the cotangent"), (window) => {
      gradient[firstMaximum(x, window, xShape[3])]! += cotangent[window.output]!;
    });
    return [gradient];
  },
};

function firstMaximum(x: Float64Array, window: PoolWindow, width: number): number {
  let best = -1;
  forEachPosition(window, width, (index) => {
    if (best < 0 || x[index]! > x[best]!) best = index;
  });
  return best;
}
