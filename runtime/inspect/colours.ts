/**
 * Colour maps: from a number to a colour.
 *
 * Invariant: lightness changes evenly along a map, so that it reads the same in grey and to
 * those who do not tell red from green.
 */
import type { Colour } from "./picture.js";

/**
 * From -1 by way of 0 to 1: blue, near-white, red, with the lightness of the two sides alike
 * (after Moreland, "Diverging Color Maps for Scientific Visualization", 2009). Values
 * beyond the ends take their colours; what is not a number is black.
 */
export function divergingColour(value: number): Colour {
  return interpolate(diverging, (value + 1) / 2);
}

/** From 0 to 1: near-black, purple, orange, pale yellow. */
export function heatColour(value: number): Colour {
  return interpolate(heat, value);
}

const diverging: readonly Colour[] = [
  [33, 74, 145],
  [92, 140, 196],
  [169, 200, 226],
  [247, 247, 247],
  [240, 182, 155],
  [207, 101, 84],
  [150, 22, 42],
];

/** Nine colours of Inferno (Smith and van der Walt, matplotlib, 2015). */
const heat: readonly Colour[] = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

function interpolate(colours: readonly Colour[], position: number): Colour {
  if (Number.isNaN(position)) return [0, 0, 0];
  const place = Math.min(1, Math.max(0, position)) * (colours.length - 1);
  const index = Math.min(Math.floor(place), colours.length - 2);
  const [from, to] = [colours[index]!, colours[index + 1]!];
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(from[channel] + (place - index) * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2)];
}
