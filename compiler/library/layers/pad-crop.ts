/** Images with a border of zeros, or without their border. */
import { type Size, add, constant, format } from "../../sizes/size.js";
import { defineLayer } from "../define.js";
import type { OutputDimension } from "../definition.js";
import { numberOf } from "../read-settings.js";
import type { SettingDefinition } from "../settings.js";
import { accept, computed, same } from "../shape-results.js";
import { cutOut, refuseUnlessImage } from "../spatial.js";

export const pad = defineLayer({
  name: "pad",
  category: "layer",
  documentation: {
    summary: "Puts a border of zeros around an image.",
    formula: "y[n, c, i, j] = x[n, c, i - top, j - left] inside, 0 outside",
    source: "",
  },
  settings: ["left", "right", "top", "bottom"].map((name): SettingDefinition => ({
    name,
    type: "integer",
    minimum: 0,
    documentation: `How many ${name === "left" || name === "right" ? "columns" : "rows"} ${
      name === "left" || name === "right" ? `on the ${name}` : `at the ${name}`
    }.`,
  })),
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const refused = refuseUnlessImage("pad", x);
    if (refused !== null) return refused;
    const side = (axis: number, before: string, after: string): OutputDimension => {
      const dimension = x.shape[axis]!;
      const borders = [numberOf(settings, before), numberOf(settings, after)];
      if (borders.every((border) => border === 0)) return same(dimension);
      const size = borders.reduce<Size>((total, border) => add(total, constant(border)), dimension.size);
      const from = format(dimension.size);
      return computed(size, `${from} -> ${from} + ${borders.join(" + ")} = ${format(size)}`, [dimension]);
    };
    const height = side(2, "top", "bottom");
    return accept([same(x.shape[0]!), same(x.shape[1]!), height, side(3, "left", "right")]);
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const [batch, channels, height, width] = builder.shape(x);
    const [left, right] = [numberOf(settings, "left"), numberOf(settings, "right")];
    const [top, bottom] = [numberOf(settings, "top"), numberOf(settings, "bottom")];
    if (left + right + top + bottom === 0) return [x];
    const shape = [batch!, channels!, top + height! + bottom, left + width! + right];
    return [builder.node("place", { before: [0, 0, top, left], step: [1, 1, 1, 1], shape }, [x])];
  },
});

export const crop = defineLayer({
  name: "crop",
  category: "layer",
  documentation: {
    summary: "Cuts the middle out of an image.",
    formula: "y[n, c, i, j] = x[n, c, i + floor((H - h) / 2), j + floor((W - w) / 2)]",
    source: "",
  },
  settings: [
    { name: "h", type: "integer", minimum: 1, documentation: "The height that is left." },
    { name: "w", type: "integer", minimum: 1, documentation: "The width that is left." },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    return (
      refuseUnlessImage("crop", x) ?? cutOut("crop", x, [numberOf(settings, "h"), numberOf(settings, "w")])
    );
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const [batch, channels, height, width] = builder.shape(x);
    const [rows, columns] = [numberOf(settings, "h"), numberOf(settings, "w")];
    const top = Math.floor((height! - rows) / 2);
    const left = Math.floor((width! - columns) / 2);
    const start = [0, 0, top, left];
    const stop = [batch!, channels!, top + rows, left + columns];
    return [builder.node("slice", { start, stop, step: [1, 1, 1, 1] }, [x])];
  },
});
