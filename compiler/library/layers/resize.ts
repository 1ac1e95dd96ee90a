/** Images of another size: upsample by a factor, resize to a height and width. */
import { constant, format, multiply } from "../../sizes/size.js";
import { defineLayer } from "../define.js";
import { numberOf, textOf } from "../read-settings.js";
import { bilinearWeights, nearestWeights, resample } from "../resample.js";
import type { SettingDefinition } from "../settings.js";
import { accept, computed, same } from "../shape-results.js";
import { refuseUnlessImage, resized } from "../spatial.js";

function modeSetting(value: string): SettingDefinition {
  return {
    name: "mode",
    type: "choice",
    choices: ["nearest", "bilinear"],
    default: value,
    documentation: "`nearest` repeats pixels, `bilinear` goes evenly from one to the next.",
  };
}

export const upsample = defineLayer({
  name: "upsample",
  category: "layer",
  documentation: {
    summary: "Enlarges an image by a whole factor.",
    formula: "nearest: y[n, c, i, j] = x[n, c, floor(i / scale), floor(j / scale)]",
    source: "",
  },
  settings: [
    { name: "scale", type: "integer", minimum: 1, documentation: "How many times larger." },
    modeSetting("nearest"),
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const refused = refuseUnlessImage("upsample", x);
    if (refused !== null) return refused;
    const scale = numberOf(settings, "scale");
    const [height, width] = x.shape.slice(2).map((dimension) => {
      const size = multiply(dimension.size, constant(scale));
      const from = format(dimension.size);
      return computed(size, `${from} -> ${from} * ${String(scale)} = ${format(size)}`, [dimension]);
    });
    return accept([same(x.shape[0]!), same(x.shape[1]!), height!, width!]);
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const scale = numberOf(settings, "scale");
    const [batch, channels, height, width] = builder.shape(x);
    const shape = [batch!, channels!, height! * scale, width! * scale];
    if (textOf(settings, "mode") === "bilinear") {
      return [resample(builder, x, shape[2]!, shape[3]!, bilinearWeights)];
    }
    // Every pixel becomes a scale x scale square: two axes of their own, then joined.
    const pixels = builder.reshape(x, [batch! * channels!, height!, 1, width!, 1]);
    const squares = builder.broadcast(pixels, [batch! * channels!, height!, scale, width!, scale]);
    return [builder.reshape(squares, shape)];
  },
});

export const resize = defineLayer({
  name: "resize",
  category: "layer",
  documentation: {
    summary: "Brings an image to a given height and width.",
    formula:
      "bilinear: y[n, c, i, j] between the pixels nearest to ((i + 0.5) * H / h - 0.5, (j + 0.5) * W / w - 0.5)",
    source: "",
  },
  settings: [
    { name: "h", type: "integer", minimum: 1, documentation: "The new height." },
    { name: "w", type: "integer", minimum: 1, documentation: "The new width." },
    modeSetting("bilinear"),
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const sizes = [numberOf(settings, "h"), numberOf(settings, "w")] as const;
    return (
      refuseUnlessImage("resize", x) ?? accept([same(x.shape[0]!), same(x.shape[1]!), ...resized(x, sizes)])
    );
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const [, , fromHeight, fromWidth] = builder.shape(x);
    const height = numberOf(settings, "h");
    const width = numberOf(settings, "w");
    if (height === fromHeight && width === fromWidth) return [x];
    const weights = textOf(settings, "mode") === "nearest" ? nearestWeights : bilinearWeights;
    return [resample(builder, x, height, width, weights)];
  },
});
