/** Images with a square painted over. */
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { nextStream } from "../random-numbers.js";
import { numberOf } from "../read-settings.js";
import { accept, unchanged } from "../shape-results.js";
import { refuseUnlessImage } from "../spatial.js";

export const cutout = defineLayer({
  name: "cutout",
  category: "augmentation",
  isRandom: true,
  documentation: {
    summary: "Sets a square of each image to 0, around a random pixel; at the border less than a square.",
    formula:
      "y[n, c, i, j] = top[n] <= i < top[n] + size and left[n] <= j < left[n] + size ? 0 : x[n, c, i, j]",
    source: "DeVries and Taylor, 2017, Improved Regularization of Convolutional Neural Networks with Cutout",
  },
  settings: [{ name: "size", type: "integer", minimum: 1, documentation: "The side of the square." }],
  shape: ({ inputs }) => refuseUnlessImage("cutout", inputs[0]!) ?? accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, settings, mode, randomStream }) => {
    const x = inputs[0]!;
    if (mode === "inference") return [x];
    const [batch, , height, width] = builder.shape(x);
    const size = numberOf(settings, "size");
    const first = Math.floor(size / 2);
    // The square's first row or column, which may lie outside.
    const begin = (length: number, stream: number) =>
      builder.map(
        scalar.subtract(scalar.floor(scalar.multiply(scalar.random(stream), length)), first),
        [],
        [batch!, 1, 1, 1],
      );
    const top = begin(height!, randomStream);
    const left = begin(width!, nextStream(randomStream));
    const within = (axis: number, start: number) => {
      const distance = scalar.subtract(scalar.coordinate(axis), scalar.input(start));
      return scalar.multiply(scalar.lessEqual(0, distance), scalar.less(distance, size));
    };
    const isCovered = scalar.multiply(within(2, 1), within(3, 2));
    return [builder.map(scalar.select(isCovered, 0, scalar.input(0)), [x, top, left])];
  },
});
