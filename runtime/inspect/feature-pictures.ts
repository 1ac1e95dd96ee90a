/** What the layers of a net make of an example: each channel as a picture. */
import type { TensorLike } from "../tensor.js";
import { gridOf, scaleFor, squareColumns } from "./grid.js";
import { paint, paintSigned, rangeOf } from "./paint.js";
import type { Picture } from "./picture.js";

/** Wider rows of feature maps are broken. */
const widestRow = 16;
const targetWidth = 640;

/** True for what can be drawn: channels of rows and columns, or a row of numbers. */
export function isDrawable(shape: readonly number[]): boolean {
  return shape.length === 4 || shape.length === 2;
}

/**
 * The feature maps of one example of a batch: a grid of its channels, each with its own
 * contrast; black is the smallest value, or zero where none is negative. A layer without
 * rows and columns is one strip of signed colours.
 * @param output [N, C, H, W] or [N, C]
 */
export function featurePicture(output: TensorLike, example = 0): Picture {
  const [, channels = 1, height = 1, width = 1] = output.shape;
  const size = height * width;
  const start = example * channels * size;
  const values = (at: number, length: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => output.data[start + at + i]!);
  if (output.shape.length === 2) return strip(values(0, channels));
  const maps = Array.from({ length: channels }, (_, channel) => {
    const data = values(channel * size, size);
    const { low, high } = rangeOf(data);
    return paint({ width, height, data }, { low: Math.min(0, low), high: Math.max(low, high) });
  });
  const columns = Math.min(widestRow, squareColumns(channels));
  return gridOf(maps, { columns, scale: scaleFor(columns, width, targetWidth) });
}

/** A row of numbers, broken so that it stays readable. */
function strip(data: Float32Array): Picture {
  const { high } = rangeOf(data, "zero");
  const cells = Array.from(data, (value) => paintSigned({ width: 1, height: 1, data: [value] }, high));
  const columns = Math.min(32, data.length);
  return gridOf(cells, { columns, scale: scaleFor(columns, 1, targetWidth) });
}
