/**
 * Images moved at random: crops and shifts, which are convolutions. Every example gets a
 * window of its own that is 1 in one place and 0 elsewhere, so that row i of the result
 * is row i + offset of the image, and columns alike.
 */
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { pairOf } from "../read-settings.js";
import { nextStream } from "../random-numbers.js";
import { accept, unchanged } from "../shape-results.js";
import { cutOut, refuseUnlessImage } from "../spatial.js";

export const randomCrop = defineLayer({
  name: "random_crop",
  category: "augmentation",
  isRandom: true,
  documentation: {
    summary:
      "Cuts a part out of each image at a random place, after a border of zeros; in inference mode the middle.",
    formula: "y[n, c, i, j] = x[n, c, i + top[n] - pad, j + left[n] - pad]",
    source: "",
  },
  settings: [
    { name: "size", type: "pair", minimum: 1, documentation: "The part: a number, or [height, width]." },
    {
      name: "pad",
      type: "pair",
      default: [0, 0],
      minimum: 0,
      documentation: "The border added on every side.",
    },
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const refused = refuseUnlessImage("random_crop", x);
    return refused ?? cutOut("random_crop", x, pairOf(settings, "size"), pairOf(settings, "pad"));
  },
  lower: ({ builder, inputs, settings, mode, randomStream }) => {
    const x = inputs[0]!;
    const [, , height, width] = builder.shape(x);
    const [rows, columns] = pairOf(settings, "size");
    const [vertical, horizontal] = pairOf(settings, "pad");
    const places = [height! + 2 * vertical - rows + 1, width! + 2 * horizontal - columns + 1] as const;
    const isMiddle = mode === "inference";
    return [moved(builder, x, places, [vertical, horizontal], isMiddle ? null : randomStream)];
  },
});

export const randomShift = defineLayer({
  name: "random_shift",
  category: "augmentation",
  isRandom: true,
  documentation: {
    summary: "Moves each image by up to `pixels` in any direction; zeros come in from outside.",
    formula: "y[n, c, i, j] = x[n, c, i + down[n], j + right[n]]",
    source: "",
  },
  settings: [
    {
      name: "pixels",
      type: "pair",
      minimum: 0,
      documentation: "The farthest move: a number, or [vertical, horizontal].",
    },
  ],
  shape: ({ inputs }) => refuseUnlessImage("random_shift", inputs[0]!) ?? accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, settings, mode, randomStream }) => {
    const x = inputs[0]!;
    const [vertical, horizontal] = pairOf(settings, "pixels");
    if (mode === "inference") return [x];
    return [moved(builder, x, [2 * vertical + 1, 2 * horizontal + 1], [vertical, horizontal], randomStream)];
  },
});

/** Each example seen through a window at one of `places`; at the middle one without a stream. */
function moved(
  builder: GraphBuilder,
  x: ValueId,
  places: readonly [number, number],
  pad: readonly [number, number],
  stream: number | null,
): ValueId {
  const rows = movedAlong(builder, x, 0, places[0], pad[0], stream);
  return movedAlong(builder, rows, 1, places[1], pad[1], stream === null ? null : nextStream(stream));
}

function movedAlong(
  builder: GraphBuilder,
  x: ValueId,
  direction: 0 | 1,
  places: number,
  pad: number,
  stream: number | null,
): ValueId {
  if (places === 1 && pad === 0) return x;
  const [batch, channels, height, width] = builder.shape(x);
  const windows = batch! * channels!;
  const offset = oneOf(builder, batch!, places, stream);
  const isOffset = scalar.equal(scalar.coordinate(2), scalar.input(0));
  const selectors = builder.map(isOffset, [offset], [batch!, channels!, places]);
  const alongRows = direction === 0;
  const weight = builder.reshape(selectors, alongRows ? [windows, 1, places, 1] : [windows, 1, 1, places]);
  const pads = alongRows ? ([pad, 0, pad, 0] as const) : ([0, pad, 0, pad] as const);
  const attributes = {
    stride: [1, 1],
    dilation: [1, 1],
    pad: pads,
    groups: windows,
    epilogue: null,
  } as const;
  const result = builder.node("conv", attributes, [
    builder.reshape(x, [1, windows, height!, width!]),
    weight,
  ]);
  const [, , newHeight, newWidth] = builder.shape(result);
  return builder.reshape(result, [batch!, channels!, newHeight!, newWidth!]);
}

/** A whole number below `count` for every example, as [N, 1, 1]. */
function oneOf(builder: GraphBuilder, batch: number, count: number, stream: number | null): ValueId {
  const number =
    stream === null
      ? scalar.constant(Math.floor((count - 1) / 2))
      : scalar.floor(scalar.multiply(scalar.random(stream), count));
  return builder.map(number, [], [batch, 1, 1]);
}
