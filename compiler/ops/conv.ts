/** `conv`: two-dimensional convolution (cross-correlation) with stride, padding, dilation and groups. */
import type { ConvAttributes, TensorType, ValueId } from "../ir/graph.js";
import { checkEpilogue } from "./check-expression.js";
import {
  convolutionFlops,
  convolutionOutput,
  forEachRun,
  imageShape,
  type ConvolutionShapes,
} from "./convolution.js";
import type { OpDefinition } from "./definition.js";
import { checkBeforeFusion, epilogueFlops, epilogueInPlace, evaluateEpilogue } from "./epilogue.js";

export const conv: OpDefinition<"conv"> = {
  documentation: "x [N, C, H, W], weight [O, C / groups, kh, kw] -> [N, O, H', W']; no bias of its own.",
  infer: (attributes, inputs) => {
    const output: TensorType = { dataType: "f32", shape: shapesOf(attributes, inputs).output };
    checkEpilogue(attributes.epilogue, output, inputs.slice(2));
    return [output];
  },
  flops: (attributes, inputs, [output]) =>
    convolutionFlops(shapesOf(attributes, inputs)) + epilogueFlops(attributes.epilogue, output!),
  inPlace: (_attributes, inputs, [output]) => [epilogueInPlace(inputs, output!)],
  gradient: ({ builder, attributes, inputs, cotangent }) => {
    const { epilogue, ...geometry } = attributes;
    checkBeforeFusion(epilogue);
    const [x, weight] = inputs as readonly [ValueId, ValueId];
    const [, , height, width] = imageShape(builder.type(x), "x");
    const [, , weightHeight, weightWidth] = imageShape(builder.type(weight), "weight");
    return [
      () =>
        builder.node("conv_input_gradient", { ...geometry, height, width, epilogue: null }, [
          cotangent,
          weight,
        ]),
      () =>
        builder.node("conv_weight_gradient", { ...geometry, size: [weightHeight, weightWidth] }, [
          x,
          cotangent,
        ]),
    ];
  },
  evaluate: (context) => {
    const [x, weight] = context.inputs as readonly [Float64Array, Float64Array];
    const shapes = shapesOf(context.attributes, context.inputTypes);
    const output = new Float64Array(shapes.output.reduce((product, size) => product * size));
    forEachRun(context.attributes, shapes, (tap, xStart, step, outputStart, length) => {
      const factor = weight[tap]!;
      for (let i = 0; i < length; i++) output[outputStart + i]! += factor * x[xStart + i * step]!;
    });
    return [evaluateEpilogue(output, context)];
  },
};

function shapesOf(attributes: ConvAttributes, inputs: readonly TensorType[]): ConvolutionShapes {
  const x = imageShape(inputs[0], "x");
  const weight = imageShape(inputs[1], "weight");
  return { x, weight, output: convolutionOutput(attributes, x, weight) };
}
