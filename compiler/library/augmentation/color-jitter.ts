/** Images made brighter or darker, harsher or flatter, more or less colourful, at random. */
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { nextStream, uniformAround } from "../random-numbers.js";
import { numberOf } from "../read-settings.js";
import type { SettingDefinition } from "../settings.js";
import { accept, unchanged } from "../shape-results.js";
import { refuseUnlessImage } from "../spatial.js";

/** The luminance of red, green and blue (ITU-R BT.601). */
const luminance = [0.299, 0.587, 0.114];

export const colorJitter = defineLayer({
  name: "color_jitter",
  category: "augmentation",
  isRandom: true,
  documentation: {
    summary:
      "Changes brightness, contrast and saturation of each image, in this order, by random factors; values stay within 0..1.",
    formula:
      "y = f * x + (1 - f) * other, f ~ Uniform(1 - s, 1 + s), other = 0, the mean grey, the pixel's grey",
    source: "",
  },
  settings: [
    strength("brightness", undefined, "How far the factor of brightness may be from 1."),
    strength("contrast", 0, "How far the factor of contrast may be from 1."),
    strength("saturation", 0, "How far the factor of saturation may be from 1; only for three channels."),
  ],
  shape: ({ inputs }) => refuseUnlessImage("color_jitter", inputs[0]!) ?? accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, settings, mode, randomStream }) => {
    const x = inputs[0]!;
    if (mode === "inference") return [x];
    const black = builder.constant(0);
    const steps = [
      { name: "brightness", other: () => black },
      { name: "contrast", other: (image: ValueId) => builder.mean(grey(builder, image), [2, 3]) },
      { name: "saturation", other: (image: ValueId) => grey(builder, image) },
    ];
    return [
      steps.reduce((image, { name, other }, index) => {
        const amount = numberOf(settings, name);
        if (amount === 0) return image;
        return blend(builder, image, other(image), amount, nextStream(randomStream, index));
      }, x),
    ];
  },
});

function strength(name: string, value: number | undefined, documentation: string): SettingDefinition {
  const setting = { name, type: "float", minimum: 0, maximum: 1, documentation } as const;
  return value === undefined ? setting : { ...setting, default: value };
}

/** f * x + (1 - f) * other within 0..1, with one random factor per example. */
function blend(builder: GraphBuilder, x: ValueId, other: ValueId, amount: number, stream: number): ValueId {
  const batch = builder.shape(x)[0]!;
  const factor = builder.map(uniformAround(1, amount, stream), [], [batch, 1, 1, 1]);
  const [image, opposite, weight] = [scalar.input(0), scalar.input(1), scalar.input(2)];
  const mixed = scalar.add(
    scalar.multiply(weight, image),
    scalar.multiply(scalar.subtract(1, weight), opposite),
  );
  return builder.map(scalar.minimum(scalar.maximum(mixed, 0), 1), [x, other, factor]);
}

/** [N, 1, H, W]: the luminance of three channels, the mean of any other number. */
function grey(builder: GraphBuilder, x: ValueId): ValueId {
  const channels = builder.shape(x)[1]!;
  if (channels !== luminance.length) return builder.mean(x, [1]);
  const [red, green, blue] = luminance;
  const weight = scalar.select(
    scalar.equal(scalar.coordinate(1), 0),
    red!,
    scalar.select(scalar.equal(scalar.coordinate(1), 1), green!, blue!),
  );
  return builder.reduce("sum", builder.map(scalar.multiply(scalar.input(0), weight), [x]), [1]);
}
