/** `conv`: two-dimensional convolution (cross-correlation) with stride, padding, dilation and groups. */
import type { ConvAttributes, TensorType, ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { checkEpilogue } from "./check-expression.js";
import {
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
    const { rows, taps, pixels } = productSizes(context.attributes, shapes);
    const output = new Float64Array(elementCount(shapes.output));
    const columns = new Float64Array(taps * pixels);
    for (const [index, place] of imageGroups(context.attributes, shapes).entries()) {
      forEachRun(context.attributes, shapes, place, (tap, xStart, step, pixel, length) => {
        for (let i = 0; i < length; i++) columns[tap * pixels + pixel + i] = x[xStart + i * step]!;
      });
      addProduct(
        { data: output, start: index * rows * pixels, rowStride: pixels },
        { data: weight, start: place.group * rows * taps, rowStride: taps, columnStride: 1 },
        { data: columns, start: 0, rowStride: pixels },
        { rows, columns: pixels, depth: taps },
      );
    }
    return [evaluateEpilogue(output, context)];
  },
};

function shapesOf(attributes: ConvAttributes, inputs: readonly TensorType[]): ConvolutionShapes {
  const x = imageShape(inputs[0], "x");
  const weight = imageShape(inputs[1], "weight");
  return { x, weight, output: convolutionOutput(attributes, x, weight) };
}
