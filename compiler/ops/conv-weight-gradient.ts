/** `conv_weight_gradient`: the gradient of a convolution's weight. */
import { invariant } from "../diagnostics/invariant.js";
import type { OpAttributes, TensorType, ValueId } from "../ir/graph.js";
import {
  checkCotangent,
  checkPositive,
  convolutionFlops,
  convolutionOutput,
  forEachRun,
  imageShape,
  type ConvolutionShapes,
} from "./convolution.js";
import { neverInPlace, type OpDefinition } from "./definition.js";

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
    const gradient = new Float64Array(shapes.weight.reduce((product, size) => product * size));
    forEachRun(attributes, shapes, (tap, xStart, step, outputStart, length) => {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += x[xStart + i * step]! * cotangent[outputStart + i]!;
      gradient[tap]! += sum;
    });
    return [gradient];
  },
};

function shapesOf(attributes: Attributes, inputs: readonly TensorType[]): ConvolutionShapes {
  const { groups, size } = attributes;
  const x = imageShape(inputs[0], "x");
  const output = imageShape(inputs[1], "the cotangent");
  checkPositive(size, "a window");
  invariant(x[1] % groups === 0, `${String(groups)} groups of ${String(x[1])} channels`);
  const weight = [output[1], x[1] / groups, ...size] as const;
  checkCotangent(output, convolutionOutput(attributes, x, weight));
  return { x, weight, output };
}
