/** `conv_weight_gradient`: the gradient of a convolution's weight. */
import { invariant } from "../diagnostics/invariant.js";
import type { OpAttributes, TensorType, ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import {
  checkCotangent,
  checkPositive,
  convolutionFlops,
  convolutionOutput,
  forEachRun,
  imageGroups,
  imageShape,
  productSizes,
  type ConvolutionShapes,
} from "./convolution.js";
import { neverInPlace, type OpDefinition } from "./definition.js";
import { addProduct } from "./matrix-product.js";

type Attributes = OpAttributes["conv_weight_gradient"];

export const convWeightGradient: OpDefinition<"conv_weight_gradient"> = {
  documentation: "x, cotangent -> gradient of the weight [O, C / groups, kh, kw].",
  infer: (attributes, inputs) => {
    invariant(inputs.length === 2, "conv_weight_gradient takes x and a cotangent");
    return [{ dataType: "f32", shape: shapesOf(attributes, inputs).weight }];
  },
  flops: (attributes, inputs) => convolutionFlops(shapesOf(attributes, inputs)),
  inPlace: neverInPlace,
  gradient: ({ builder, attributes, inputs, cotangent }) => {
    const { stride, pad, dilation, groups } = attributes;
    const geometry = { stride, pad, dilation, groups, epilogue: null };
    const [x, outputCotangent] = inputs as readonly [ValueId, ValueId];
    const [, , height, width] = imageShape(builder.type(x), "x");
    return [
      () => builder.node("conv_input_gradient", { ...geometry, height, width }, [outputCotangent, cotangent]),
      () => builder.node("conv", geometry, [x, cotangent]),
    ];
  },
  evaluate: ({ attributes, inputs, inputTypes }) => {
    const [x, cotangent] = inputs as readonly [Float64Array, Float64Array];
    const shapes = shapesOf(attributes, inputTypes);
    const { rows, taps, pixels } = productSizes(attributes, shapes);
    const gradient = new Float64Array(elementCount(shapes.weight));
    // What each pixel sees through the taps, as a row.
    const seen = new Float64Array(pixels * taps);
    for (const [index, place] of imageGroups(attributes, shapes).entries()) {
      forEachRun(attributes, shapes, place, (tap, xStart, step, pixel, length) => {
        for (let i = 0; i < length; i++) seen[(pixel + i) * taps + tap] = x[xStart + i * step]!;
      });
      addProduct(
        { data: gradient, start: place.group * rows * taps, rowStride: taps },
        { data: cotangent, start: index * rows * pixels, rowStride: pixels, columnStride: 1 },
        { data: seen, start: 0, rowStride: taps },
        { rows, columns: taps, depth: pixels },
      );
    }
    return [gradient];
  },
};

function shapesOf(attributes: Attributes, inputs: readonly TensorType[]): ConvolutionShapes {
  const { groups, size } = attributes;
  const x = imageShape(inputs[0], "x");
  const output = imageShape(inputs[1], "the cotangent");
  checkPositive(size, "a window");
  invariant(x[1] % groups === 0, () => `${String(groups)} groups of ${String(x[1])} channels`);
  const weight = [output[1], x[1] / groups, ...size] as const;
  checkCotangent(output, convolutionOutput(attributes, x, weight));
  return { x, weight, output };
}
