/**
 * The geometry that a convolution and its two gradients share: which element of x
 * meets which weight for which output.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { ConvAttributes, TensorType } from "../ir/graph.js";
import { sameShape } from "../ir/shapes.js";

export interface ConvolutionShapes {
  /** [N, C, H, W] */
  readonly x: readonly [number, number, number, number];
  /** [O, C / groups, kh, kw] */
  readonly weight: readonly [number, number, number, number];
  /** [N, O, H', W'] */
  readonly output: readonly [number, number, number, number];
}

/** Narrows a shape to four axes. */
export function imageShape(
  type: TensorType | undefined,
  what: string,
): readonly [number, number, number, number] {
  invariant(type?.dataType === "f32" && type.shape.length === 4, () => `${what} has no shape [N, C, H, W]`);
  return type.shape as readonly [number, number, number, number];
}

/** Checks that a cotangent has the shape of the output whose gradient it is. */
export function checkCotangent(cotangent: readonly number[], output: readonly number[]): void {
  invariant(
    sameShape(cotangent, output),
    () => `a cotangent [${cotangent.join()}] of an output [${output.join()}]`,
  );
}

/** The shape of the output for x and weight; checks every rule of a convolution. */
export function convolutionOutput(
  attributes: ConvAttributes,
  x: ConvolutionShapes["x"],
  weight: ConvolutionShapes["weight"],
): ConvolutionShapes["output"] {
  const { stride, pad, dilation, groups } = attributes;
  checkPositive([...stride, ...dilation, groups], "stride, dilation or groups");
  invariant(
    pad.every((amount) => Number.isInteger(amount) && amount >= 0),
    () => `padding ${pad.join()}`,
  );
  const [batch, channels, height, width] = x;
  const [outChannels, groupChannels, weightHeight, weightWidth] = weight;
  invariant(
    groupChannels * groups === channels && outChannels % groups === 0,
    () =>
      `${String(groups)} groups of ${String(groupChannels)} channels for ${String(channels)}, ${String(outChannels)} out`,
  );
  const outHeight = outputSize(height + pad[0] + pad[2], weightHeight, stride[0], dilation[0]);
  const outWidth = outputSize(width + pad[1] + pad[3], weightWidth, stride[1], dilation[1]);
  return [batch, outChannels, outHeight, outWidth];
}

function outputSize(padded: number, size: number, stride: number, dilation: number): number {
  const result = Math.floor((padded - dilation * (size - 1) - 1) / stride) + 1;
  invariant(result >= 1, () => `a window of ${String(size)} does not fit into ${String(padded)}`);
  return result;
}

/** Two multiply-adds' worth per weight and output. */
export function convolutionFlops({ weight, output }: ConvolutionShapes): number {
  const [batch, outChannels, outHeight, outWidth] = output;
  return 2 * batch * outChannels * outHeight * outWidth * weight[1] * weight[2] * weight[3];
}

/** One group of channels of one image. */
export interface ImageGroup {
  readonly image: number;
  readonly group: number;
}

/** All groups of all images. */
export function imageGroups({ groups }: ConvAttributes, { x }: ConvolutionShapes): ImageGroup[] {
  return Array.from({ length: x[0] * groups }, (_, index) => ({
    image: Math.floor(index / groups),
    group: index % groups,
  }));
}

/** The sizes of a group's convolution as a product of matrices: [rows, taps] by [taps, pixels]. */
export function productSizes({ groups }: ConvAttributes, { weight, output }: ConvolutionShapes) {
  return {
    rows: weight[0] / groups,
    taps: weight[1] * weight[2] * weight[3],
    pixels: output[2] * output[3],
  };
}

/**
 * Visits every run of elements along a row of a group's image that meet one tap of the
 * weights [C / groups, kh, kw]: element `xStart + i * step` of x and pixel `pixel + i` of the
 * output's plane, for i < length.
 */
export function forEachRun(
  { stride, pad, dilation }: ConvAttributes,
  shapes: ConvolutionShapes,
  { image, group }: ImageGroup,
  visit: (tap: number, xStart: number, step: number, pixel: number, length: number) => void,
): void {
  const [, channels, height, width] = shapes.x;
  const [, groupChannels, weightHeight, weightWidth] = shapes.weight;
  const [, , outHeight, outWidth] = shapes.output;
  const firstChannel = image * channels + group * groupChannels;
  for (let tap = 0; tap < groupChannels * weightHeight * weightWidth; tap++) {
    const c = Math.floor(tap / (weightHeight * weightWidth));
    const top = (Math.floor(tap / weightWidth) % weightHeight) * dilation[0] - pad[0];
    const left = (tap % weightWidth) * dilation[1] - pad[1];
    const first = Math.max(0, Math.ceil(-left / stride[1]));
    const length = Math.min(outWidth - 1, Math.floor((width - 1 - left) / stride[1])) - first + 1;
    if (length <= 0) continue;
    for (let row = 0; row < outHeight; row++) {
      const y = row * stride[0] + top;
      if (y < 0 || y >= height) continue;
      const xStart = ((firstChannel + c) * height + y) * width + first * stride[1] + left;
      visit(tap, xStart, stride[1], row * outWidth + first, length);
    }
  }
}

export function checkPositive(values: readonly number[], what: string): void {
  invariant(
    values.every((value) => Number.isInteger(value) && value >= 1),
    () => `${what} of ${values.join()}`,
  );
}
