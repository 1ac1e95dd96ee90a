/** Convolutions and their gradients against a float64 reference, over random geometries and epilogues. */
import fc from "fast-check";
import { describe, test } from "vitest";
import type {
  ConvGeometry,
  ConvInputGradientKernel,
  ConvKernel,
  ConvWeightGradientKernel,
  KernelEpilogue,
} from "../../compiler/select/kernel.js";
import {
  applyEpilogue,
  convReference,
  geometries,
  inputGradientReference,
  outLength,
  square,
  weightGradientReference,
  weightLength,
  xLength,
} from "./support/conv.js";
import { binary, constant, input, unary } from "./support/expression.js";
import { checkKernel, numbers } from "./support/run.js";

type OutputShape = readonly [number, number, number, number];

const epilogues: readonly ((shape: OutputShape) => KernelEpilogue | null)[] = [
  () => null,
  () => ({
    expression: unary("tanh", binary("add", input(0), input(1))),
    operands: [{ dataType: "f32", strides: [0, 1, 0, 0] }],
  }),
  ([, channels, height, width]) => ({
    expression: binary("maximum", binary("add", input(0), input(1)), constant(0)),
    operands: [{ dataType: "f32", strides: [channels * height * width, height * width, width, 1] }],
  }),
  ([, , height]) => ({
    expression: binary("add", binary("multiply", input(0), input(1)), input(2)),
    operands: [
      { dataType: "f32", strides: [height, 0, 1, 0] },
      { dataType: "f32", strides: [0, 0, 0, 1] },
    ],
  }),
];

function operandsOf(epilogue: KernelEpilogue | null, shape: OutputShape): Float32Array[] {
  return (epilogue?.operands ?? []).map(({ strides }, index) =>
    numbers(1 + strides.reduce((sum, stride, axis) => sum + stride * (shape[axis]! - 1), 0), 7 + index),
  );
}

/** Rounding errors grow with the number of products in a sum. */
function tolerance(products: number): { tolerance: number } {
  return { tolerance: 1e-6 * Math.max(1, products / 20) };
}

function check(geometry: ConvGeometry, epilogueNumber: number): void {
  const shape: OutputShape = [geometry.batch, geometry.outChannels, geometry.outHeight, geometry.outWidth];
  const epilogue = epilogues[epilogueNumber]!(shape);
  const spec: ConvKernel = { ...geometry, family: "conv", epilogue };
  const x = numbers(xLength(geometry), 1);
  const weight = numbers(weightLength(geometry), 2);
  const operands = operandsOf(epilogue, shape);
  const expected = applyEpilogue(epilogue, shape, convReference(geometry, x, weight), operands);
  const depth = weightLength(geometry) / geometry.outChannels;
  checkKernel(spec, [x, weight, ...operands], [expected], tolerance(depth));
}

function checkInputGradient(geometry: ConvGeometry, epilogueNumber: number): void {
  const shape: OutputShape = [geometry.batch, geometry.channels, geometry.height, geometry.width];
  const epilogue = epilogues[epilogueNumber]!(shape);
  const spec: ConvInputGradientKernel = { ...geometry, family: "conv_input_gradient", epilogue };
  const cotangent = numbers(outLength(geometry), 3);
  const weight = numbers(weightLength(geometry), 2);
  const operands = operandsOf(epilogue, shape);
  const expected = applyEpilogue(
    epilogue,
    shape,
    inputGradientReference(geometry, cotangent, weight),
    operands,
  );
  checkKernel(
    spec,
    [cotangent, weight, ...operands],
    [expected],
    tolerance(weightLength(geometry) / geometry.channels),
  );
}

function checkWeightGradient(geometry: ConvGeometry): void {
  const spec: ConvWeightGradientKernel = { ...geometry, family: "conv_weight_gradient" };
  const x = numbers(xLength(geometry), 1);
  const cotangent = numbers(outLength(geometry), 3);
  const expected = weightGradientReference(geometry, x, cotangent);
  checkKernel(spec, [x, cotangent], [expected], tolerance(outLength(geometry) / geometry.outChannels));
}

const epilogueNumbers = fc.integer({ min: 0, max: epilogues.length - 1 });
const random = geometries({ batch: 2, channels: 6, extent: 13, kernel: 4 });

const named: readonly (readonly [string, ConvGeometry])[] = [
  ["LeNet's first", square(2, 1, 28, 6, 5, { pad: 2 })],
  ["LeNet's second", square(2, 6, 14, 16, 5)],
  ["many jobs", square(17, 2, 6, 3, 3, { pad: 1 })],
  ["pointwise", square(2, 9, 7, 21, 1)],
  ["pointwise, many channels", square(1, 40, 6, 33, 1)],
  ["pointwise with a stride", square(1, 8, 9, 5, 1, { stride: 2 })],
  ["blocks of depth", square(1, 130, 9, 5, 3, { pad: 1 })],
  ["blocks of pixels", square(1, 3, 25, 4, 3, { pad: 1 })],
  ["one pixel", square(2, 3, 4, 5, 4)],
  ["depthwise", square(2, 9, 9, 9, 3, { pad: 1, groups: 9 })],
  ["a dilated one", square(1, 3, 15, 4, 3, { dilation: 3, pad: 3 })],
  ["a stem with a stride", square(1, 3, 30, 8, 7, { stride: 2, pad: 3 })],
  ["a stride beyond the kernel", square(2, 2, 13, 3, 2, { stride: 4, pad: 1 })],
  ["few channels, many pixels", square(3, 2, 19, 7, 4, { pad: 1 })],
  ["few channels in groups", square(2, 6, 23, 15, 3, { pad: 1, groups: 3, dilation: 2 })],
  ["doubling", square(2, 5, 14, 7, 4, { stride: 2, pad: 1 })],
];

describe("conv", () => {
  test("random geometries", () => {
    fc.assert(fc.property(random, epilogueNumbers, check), { seed: 3, numRuns: 200 });
  });

  test.each(named)("%s", (_, geometry) => {
    for (const epilogue of epilogues.keys()) check(geometry, epilogue);
  });
});

describe("conv_input_gradient", () => {
  test("random geometries", () => {
    fc.assert(fc.property(random, epilogueNumbers, checkInputGradient), { seed: 4, numRuns: 200 });
  });

  test.each(named)("%s", (_, geometry) => {
    for (const epilogue of epilogues.keys()) checkInputGradient(geometry, epilogue);
  });
});

describe("conv_weight_gradient", () => {
  test("random geometries", () => {
    fc.assert(fc.property(random, checkWeightGradient), { seed: 5, numRuns: 200 });
  });

  test.each(named)("%s", (_, geometry) => {
    checkWeightGradient(geometry);
  });
});
