/** Images mirrored at random: half of them, left to right. */
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { alongLastAxis } from "../resample.js";
import { accept, unchanged } from "../shape-results.js";
import { refuseUnlessImage } from "../spatial.js";

export const randomFlip = defineLayer({
  name: "random_flip",
  category: "augmentation",
  isRandom: true,
  documentation: {
    summary: "Mirrors each image, left to right, with probability 1/2.",
    formula: "y[n, c, i, j] = x[n, c, i, W - 1 - j] for half of all n",
    source: "",
  },
  shape: ({ inputs }) => refuseUnlessImage("random_flip", inputs[0]!) ?? accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, mode, randomStream }) => {
    const x = inputs[0]!;
    if (mode === "inference") return [x];
    const [batch, , , width] = builder.shape(x);
    const isMirrored = scalar.equal(scalar.add(scalar.coordinate(0), scalar.coordinate(1)), width! - 1);
    const mirrored = alongLastAxis(builder, x, builder.map(isMirrored, [], [width!, width!]));
    const coin = builder.map(scalar.less(scalar.random(randomStream), 0.5), [], [batch!, 1, 1, 1]);
    const chosen = scalar.select(scalar.input(0), scalar.input(1), scalar.input(2));
    return [builder.map(chosen, [coin, mirrored, x])];
  },
});
