/** `conv_input_gradient`: the gradient of a convolution's input, which is transposed convolution. */
import type { OpAttributes, TensorType, ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { checkEpilogue } from "./check-expression.js";
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
import type { OpDefinition } from "./definition.js";
import { checkBeforeFusion, epilogueFlops, epilogueInPlace, evaluateEpilogue } from "./epilogue.js";
import { addProduct } from "./matrix-product.js";

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
    const { rows, taps, pixels } = productSizes(context.attributes, shapes);
    const gradient = new Float64Array(elementCount(shapes.x));
    // What each pixel sends back through the taps.
    const sent = new Float64Array(taps * pixels);
    for (const [index, place] of imageGroups(context.attributes, shapes).entries()) {
      sent.fill(0);
      addProduct(
        { data: sent, start: 0, rowStride: pixels },
        { data: weight, start: place.group * rows * taps, rowStride: 1, columnStride: taps },
        { data: cotangent, start: index * rows * pixels, rowStride: pixels },
        { rows: taps, columns: pixels, depth: rows },
      );
      forEachRun(context.attributes, shapes, place, (tap, xStart, step, pixel, length) => {
        for (let i = 0; i < length; i++) gradient[xStart + i * step]! += sent[tap * pixels + pixel + i]!;
      });
    }
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
