/** `conv_input_gradient`: the gradient of a convolution's input, which is transposed convolution. */
import type { OpAttributes, TensorType, ValueId } from "../ir/graph.js";
import { checkEpilogue } from "./check-expression.js";
import {
  checkCotangent,
  checkPositive,
  convolutionFlops,
  convolutionOutput,
  forEachRun,
  imageShape,
  type ConvolutionShapes,
} from "./convolution.js";
import type { OpDefinition } from "./definition.js";
import { checkBeforeFusion, epilogueFlops, epilogueInPlace, evaluateEpilogue } from "./epilogue.js";

type Attributes = OpAttributes["conv_input_gradient"];

export const convInputGradient: OpDefinition<"conv_input_gradient"> = {
  documentation:
    "cotangent [N, O, H', W'], weight -> gradient of x [N, C, height, width]; also transposed convolution.",
  infer: (attributes, inputs) => {
    const output: TensorType = { dataType: "f32", shape: shapesOf(attributes, inputs).x };
    checkEpilogue(attributes.epilogue, output, inputs.slice(2));
    return [output];
  },
  flops: (attributes, inputs, [output]) =>
    convolutionFlops(shapesOf(attributes, inputs)) + epilogueFlops(attributes.epilogue, output!),
  inPlace: (_attributes, inputs, [output]) => [epilogueInPlace(inputs, output!)],
  gradient: ({ builder, attributes, inputs, cotangent }) => {
    const { epilogue, stride, pad, dilation, groups } = attributes;
    checkBeforeFusion(epilogue);
    const geometry = { stride, pad, dilation, groups };
    const [input, weight] = inputs as readonly [ValueId, ValueId];
    const [, , weightHeight, weightWidth] = imageShape(builder.type(weight), "weight");
    return [
      () => builder.node("conv", { ...geometry, epilogue: null }, [cotangent, weight]),
      () =>
        builder.node("conv_weight_gradient", { ...geometry, size: [weightHeight, weightWidth] }, [
          cotangent,
          input,
        ]),
    ];
  },
  evaluate: (context) => {
    const [cotangent, weight] = context.inputs as readonly [Float64Array, Float64Array];
    const shapes = shapesOf(context.attributes, context.inputTypes);
    const gradient = new Float64Array(shapes.x.reduce((product, size) => product * size));
    forEachRun(context.attributes, shapes, (tap, xStart, step, outputStart, length) => {
      const factor = weight[tap]!;
      for (let i = 0; i < length; i++) gradient[xStart + i * step]! += factor * cotangent[outputStart + i]!;
    });
    return [evaluateEpilogue(gradient, context)];
  },
};

function shapesOf(attributes: Attributes, inputs: readonly TensorType[]): ConvolutionShapes {
  const { groups, height, width } = attributes;
  const output = imageShape(inputs[0], "the cotangent");
  const weight = imageShape(inputs[1], "weight");
  checkPositive([height, width], "height or width");
  const x = [output[0], weight[1] * groups, height, width] as const;
  checkCotangent(output, convolutionOutput(attributes, x, weight));
  return { x, weight, output };
}
