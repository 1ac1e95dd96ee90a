/**
 * Images turned at random, as three shears (Paeth, 1986): rows, columns, rows again, each
 * row moved as a whole, with linear interpolation. A row is moved by a convolution with
 * two neighbouring weights of its own.
 */
import type { GraphBuilder } from "../../ir/builder.js";
import type { ValueId } from "../../ir/graph.js";
import { defineLayer } from "../define.js";
import * as scalar from "../expressions.js";
import { uniformAround } from "../random-numbers.js";
import { numberOf } from "../read-settings.js";
import { accept, unchanged } from "../shape-results.js";
import { refuseUnlessImage } from "../spatial.js";

export const randomRotate = defineLayer({
  name: "random_rotate",
  category: "augmentation",
  isRandom: true,
  documentation: {
    summary: "Turns each image about its middle by a random angle; zeros come in from outside.",
    formula: "y[n] = x[n] turned by angle[n] ~ Uniform(-degrees, degrees)",
    source: "Paeth, 1986, A Fast Algorithm for General Raster Rotation",
  },
  settings: [
    { name: "degrees", type: "float", minimum: 0, maximum: 90, documentation: "The largest angle." },
  ],
  shape: ({ inputs }) => refuseUnlessImage("random_rotate", inputs[0]!) ?? accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, settings, mode, randomStream }) => {
    const x = inputs[0]!;
    const largest = (numberOf(settings, "degrees") * Math.PI) / 180;
    if (mode === "inference" || largest === 0) return [x];
    const [batch, , height, width] = builder.shape(x);
    const angle = builder.map(uniformAround(0, largest, randomStream), [], [batch!, 1, 1]);
    const half = scalar.multiply(scalar.input(0), 0.5);
    const rowSlope = builder.map(scalar.divide(scalar.sin(half), scalar.cos(half)), [angle]);
    const columnSlope = builder.map(scalar.negate(scalar.sin(scalar.input(0))), [angle]);

    // The first shear keeps what leaves the frame, since the last may bring it back.
    const rowReach = reachOf(Math.tan(largest / 2), height!);
    const columnReach = reachOf(Math.sin(largest), width! + 2 * rowReach);
    const wide = shearRows(builder, x, rowSlope, rowReach, 2 * rowReach);
    const turned = turn(builder, wide);
    const tall = turn(builder, shearRows(builder, turned, columnSlope, columnReach, columnReach));
    return [shearRows(builder, tall, rowSlope, rowReach, 0)];
  },
});

/** How many pixels the outermost of `rows` rows may move, and one for interpolation. */
function reachOf(slope: number, rows: number): number {
  return Math.ceil((slope * (rows - 1)) / 2) + 1;
}

function turn(builder: GraphBuilder, x: ValueId): ValueId {
  return builder.node("transpose", { order: [0, 1, 3, 2] }, [x]);
}

/**
 * y[n, c, i, j] = x[n, c, i, j + slope[n] * (i - middle)], where the width changes by
 * 2 * (pad - reach) columns.
 */
function shearRows(builder: GraphBuilder, x: ValueId, slope: ValueId, reach: number, pad: number): ValueId {
  const [batch, channels, height, width] = builder.shape(x);
  const taps = 2 * reach + 1;
  const offset = scalar.multiply(scalar.input(0), scalar.subtract(scalar.coordinate(1), (height! - 1) / 2));
  const distance = scalar.abs(scalar.subtract(scalar.subtract(scalar.coordinate(2), reach), offset));
  const weights = builder.map(
    scalar.maximum(scalar.subtract(1, distance), 0),
    [slope],
    [batch!, height!, taps],
  );
  // Every row of every example is a channel with a window of its own; real channels are the batch.
  const rows = builder.node("transpose", { order: [1, 0, 2, 3] }, [x]);
  const windows = batch! * height!;
  const attributes = {
    stride: [1, 1],
    dilation: [1, 1],
    pad: [0, pad, 0, pad],
    groups: windows,
    epilogue: null,
  } as const;
  const moved = builder.node("conv", attributes, [
    builder.reshape(rows, [channels!, windows, 1, width!]),
    builder.reshape(weights, [windows, 1, 1, taps]),
  ]);
  const newWidth = builder.shape(moved)[3]!;
  const unfolded = builder.reshape(moved, [channels!, batch!, height!, newWidth]);
  return builder.node("transpose", { order: [1, 0, 2, 3] }, [unfolded]);
}
