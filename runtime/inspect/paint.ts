/** Numbers to pictures: what is white, what is black, what is red. */
import { divergingColour, heatColour } from "./colours.js";
import type { Colour, Picture } from "./picture.js";

/** One plane of numbers, or three for red, green and blue, each row-major. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** The numbers that are drawn as black and as white. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Pixels of 0..1, as data sets have them. */
export const unitRange: Range = { low: 0, high: 1 };

/**
 * From the smallest to the largest finite number; `around zero` makes zero the middle, so
 * that grey means nothing.
 */
export function rangeOf(data: ArrayLike<number>, around: "zero" | null = null): Range {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < data.length; at++) {
    const value = data[at]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return unitRange;
  if (around === null) return { low, high };
  const largest = Math.max(Math.abs(low), Math.abs(high));
  return { low: -largest, high: largest };
}

/** Range that covers several. */
export function commonRange(ranges: readonly Range[]): Range {
  return {
    low: Math.min(...ranges.map(({ low }) => low)),
    high: Math.max(...ranges.map(({ high }) => high)),
  };
}

/** Grey for one plane, red, green and blue for three. What is not a number is black. */
export function paint({ width, height, data }: Planes, range: Range): Picture {
  const size = width * height;
  const channels = data.length >= 3 * size && size > 0 ? 3 : 1;
  const pixels = new Uint8Array(size * channels);
  for (let at = 0; at < size; at++) {
    for (let channel = 0; channel < channels; channel++) {
      pixels[at * channels + channel] = Math.round(255 * position(data[channel * size + at]!, range));
    }
  }
  return { width, height, channels, pixels };
}

/** Blue below zero, red above, near-white at zero; `largest` is where the colours end. */
export function paintSigned(planes: Planes, largest: number): Picture {
  return paintWith(planes, (value) => divergingColour(largest === 0 ? 0 : value / largest));
}

/** Dark where low, bright where high. */
export function paintHeat(planes: Planes, range: Range): Picture {
  return paintWith(planes, (value) => heatColour(position(value, range)));
}

function paintWith({ width, height, data }: Planes, colourOf: (value: number) => Colour): Picture {
  const pixels = new Uint8Array(3 * width * height);
  for (let at = 0; at < width * height; at++) pixels.set(colourOf(data[at]!), 3 * at);
  return { width, height, channels: 3, pixels };
}

/** 0 at the low end and below, 1 at the high end and above; the middle where they meet. */
function position(value: number, { low, high }: Range): number {
  if (Number.isNaN(value)) return 0;
  if (high <= low) return 0.5;
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}
