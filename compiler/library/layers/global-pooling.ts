/** Means over whole images, or over windows that cover them: global and adaptive average pools, as in PyTorch. */
import { defineLayer } from "../define.js";
import { pairOf } from "../read-settings.js";
import { averageWeights, resample } from "../resample.js";
import { accept, same } from "../shape-results.js";
import { refuseUnlessImage, resized } from "../spatial.js";

export const globalAveragePool = defineLayer({
  name: "global_avg_pool",
  category: "layer",
  documentation: {
    summary: "Takes the mean of every channel, for images of any size.",
    formula: "y[n, c] = mean over i, j of x[n, c, i, j]",
    source: "Lin et al., 2014, Network In Network",
  },
  shape: ({ inputs }) => {
    const x = inputs[0]!;
    return refuseUnlessImage("global_avg_pool", x) ?? accept([same(x.shape[0]!), same(x.shape[1]!)]);
  },
  lower: ({ builder, inputs }) => {
    const x = inputs[0]!;
    const [batch, channels] = builder.shape(x);
    return [builder.reshape(builder.mean(x, [2, 3]), [batch!, channels!])];
  },
});

export const adaptiveAveragePool = defineLayer({
  name: "adaptive_avg_pool",
  category: "layer",
  documentation: {
    summary: "Takes means over as many windows as wanted, for images of any size.",
    formula: "y[n, c, i, j] = mean of rows floor(i * H / h) to ceil((i + 1) * H / h), and columns alike",
    source: "",
  },
  settings: [
    { name: "size", type: "pair", minimum: 1, documentation: "The output: a number, or [height, width]." },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    return (
      refuseUnlessImage("adaptive_avg_pool", x) ??
      accept([same(x.shape[0]!), same(x.shape[1]!), ...resized(x, pairOf(settings, "size"))])
    );
  },
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const [, , fromHeight, fromWidth] = builder.shape(x);
    const [height, width] = pairOf(settings, "size");
    if (height === fromHeight && width === fromWidth) return [x];
    if (fromHeight! % height !== 0 || fromWidth! % width !== 0) {
      return [resample(builder, x, height, width, averageWeights)];
    }
    const size = [fromHeight! / height, fromWidth! / width] as const;
    const attributes = {
      size,
      stride: size,
      pad: [0, 0, 0, 0] as const,
      ceil: false,
      countIncludesPad: true,
    };
    return [builder.node("avg_pool", attributes, [x])];
  },
});
