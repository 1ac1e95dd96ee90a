/** Norms within each example: layer, instance and group norm, and local response normalization, as in PyTorch. */
import * as scalar from "../expressions.js";
import { alongChannels } from "../bias.js";
import { positiveAxis, requireAxis } from "../axes.js";
import { affineSetting, epsilon, inputIsKnown } from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { LowerContext, OperandShape, ParametersResult, ShapeContext } from "../definition.js";
import { refuseChannelGroups } from "../groups.js";
import { onesParameter, zerosParameter } from "../norm-parameters.js";
import { booleanOf, numberOf, optionalNumbers } from "../read-settings.js";
import type { SettingValues } from "../settings.js";
import { type Rejected, accept, describe, reject, requireNumber, unchanged } from "../shape-results.js";
import { refuseUnlessImage } from "../spatial.js";
import { standardize } from "../standardize.js";
import type { ValueId } from "../../ir/graph.js";

export const layerNorm = defineLayer({
  name: "layer_norm",
  category: "layer",
  isNorm: true,
  documentation: {
    summary:
      "Brings every example to mean 0 and variance 1 over all axes but the first, then scales and shifts it.",
    formula: "y = (x - mean) / sqrt(var + eps) * weight + bias",
    source: "Ba et al., 2016, Layer Normalization",
  },
  settings: [
    { ...epsilon(1e-5), mistakenFor: inputIsKnown("layer_norm") },
    {
      name: "axes",
      type: "integers",
      default: null,
      documentation: "The axes to work over, by default all but the first; negative ones count from the end.",
    },
    affineSetting(true),
  ],
  shape: ({ inputs, settings }) => {
    const axes = normAxes(inputs[0]!, settings);
    return axes.ok ? accept(unchanged(inputs[0]!)) : axes;
  },
  parameters: ({ inputs, settings }) => {
    const x = inputs[0]!;
    const axes = normAxes(x, settings);
    if (!axes.ok) return axes;
    if (!booleanOf(settings, "affine")) return { ok: true, parameters: [] };
    const shape: number[] = [];
    for (const axis of axes.axes) {
      const reason = "layer_norm keeps a scale and a shift for every position it works over";
      const size = requireNumber("layer_norm", x, axis, `the size of axis ${String(axis)}`, reason);
      if (!size.ok) return size;
      shape.push(size.value);
    }
    return { ok: true, parameters: [onesParameter("weight", shape), zerosParameter("bias", shape)] };
  },
  lower: (context) => {
    const { builder, settings, parameter } = context;
    const x = context.inputs[0]!;
    const shape = builder.shape(x);
    const given = optionalNumbers(settings, "axes");
    const axes = ascending(
      given?.map((axis) => positiveAxis(axis, shape.length)) ?? axesFrom(1, shape.length),
    );
    const standardized = standardize(builder, x, axes, numberOf(settings, "eps"));
    if (!booleanOf(settings, "affine")) return [standardized];
    const kept = shape.map((size, axis) => (axes.includes(axis) ? size : 1));
    const scaled = builder.multiply(standardized, builder.reshape(parameter("weight"), kept));
    return [builder.add(scaled, builder.reshape(parameter("bias"), kept))];
  },
});

export const instanceNorm = defineLayer({
  name: "instance_norm",
  category: "layer",
  isNorm: true,
  documentation: {
    summary: "Brings every channel of every example to mean 0 and variance 1.",
    formula: "y = (x - mean) / sqrt(var + eps) * weight + bias, over the pixels of one channel",
    source: "Ulyanov et al., 2016, Instance Normalization",
  },
  settings: [{ ...epsilon(1e-5), mistakenFor: inputIsKnown("instance_norm") }, affineSetting(false)],
  shape: ({ inputs }) => {
    const x = inputs[0]!;
    return x.shape.length < 3 ? needsPixels("instance_norm", x) : accept(unchanged(x));
  },
  parameters: (context) => channelParameters("instance_norm", context),
  lower: (context) => {
    const { builder, settings } = context;
    const x = context.inputs[0]!;
    const axes = axesFrom(2, builder.shape(x).length);
    return [scaledByChannel(context, standardize(builder, x, axes, numberOf(settings, "eps")))];
  },
});

export const groupNorm = defineLayer({
  name: "group_norm",
  category: "layer",
  isNorm: true,
  documentation: {
    summary:
      "Brings groups of channels of every example to mean 0 and variance 1, then scales and shifts each channel.",
    formula: "y = (x - mean) / sqrt(var + eps) * weight + bias, over the channels of one group",
    source: "Wu and He, 2018, Group Normalization",
  },
  settings: [
    { name: "groups", type: "integer", minimum: 1, documentation: "How many groups the channels form." },
    { ...epsilon(1e-5), mistakenFor: inputIsKnown("group_norm(groups)") },
    affineSetting(true),
  ],
  shape: ({ inputs, settings }) => {
    const x = inputs[0]!;
    if (x.shape.length < 2) return needsChannels("group_norm", x);
    return refuseChannelGroups("group_norm", x, numberOf(settings, "groups")) ?? accept(unchanged(x));
  },
  parameters: (context) => channelParameters("group_norm", context),
  lower: (context) => {
    const { builder, settings } = context;
    const x = context.inputs[0]!;
    const shape = builder.shape(x);
    const [batch, channels, ...pixels] = shape;
    const groups = numberOf(settings, "groups");
    const grouped = builder.reshape(x, [batch!, groups, channels! / groups, ...pixels]);
    const standardized = standardize(
      builder,
      grouped,
      axesFrom(2, shape.length + 1),
      numberOf(settings, "eps"),
    );
    return [scaledByChannel(context, builder.reshape(standardized, shape))];
  },
});

export const localResponseNorm = defineLayer({
  name: "local_response_norm",
  category: "layer",
  isNorm: true,
  documentation: {
    summary: "Divides every value by the strength of the neighbouring channels.",
    formula: "y = x / (k + alpha * mean of x^2 over `size` channels)^beta",
    source: "Krizhevsky et al., 2012, ImageNet Classification with Deep Convolutional Neural Networks",
  },
  settings: [
    { name: "size", type: "integer", minimum: 1, documentation: "How many channels count as neighbours." },
    { name: "alpha", type: "float", default: 1e-4, documentation: "How strongly the neighbours count." },
    { name: "beta", type: "float", default: 0.75, documentation: "The exponent." },
    {
      name: "k",
      type: "float",
      default: 1,
      minimum: 0,
      documentation: "What is divided by without neighbours.",
    },
  ],
  shape: ({ inputs }) =>
    refuseUnlessImage("local_response_norm", inputs[0]!) ?? accept(unchanged(inputs[0]!)),
  lower: ({ builder, inputs, settings }) => {
    const x = inputs[0]!;
    const shape = builder.shape(x);
    const [batch, channels, height, width] = shape;
    const size = numberOf(settings, "size");
    // Channels as the rows of an image, so that neighbours are a window.
    const squares = builder.reshape(builder.multiply(x, x), [batch!, 1, channels!, height! * width!]);
    const before = Math.floor(size / 2);
    const means = builder.node(
      "avg_pool",
      {
        size: [size, 1],
        stride: [1, 1],
        pad: [before, 0, size - 1 - before, 0],
        ceil: false,
        countIncludesPad: true,
      },
      [squares],
    );
    const strength = builder.map(
      scalar.power(
        scalar.add(scalar.multiply(scalar.input(0), numberOf(settings, "alpha")), numberOf(settings, "k")),
        numberOf(settings, "beta"),
      ),
      [builder.reshape(means, shape)],
    );
    return [builder.divide(x, strength)];
  },
});

/** The axes of layer_norm, ascending. */
function normAxes(
  x: OperandShape,
  settings: SettingValues,
): { readonly ok: true; readonly axes: readonly number[] } | Rejected {
  if (x.shape.length < 2) return needsChannels("layer_norm", x);
  const given = optionalNumbers(settings, "axes");
  if (given === null) return { ok: true, axes: axesFrom(1, x.shape.length) };
  const axes: number[] = [];
  for (const axis of given) {
    const found = requireAxis("layer_norm", x, axis);
    if (!found.ok) return found;
    axes.push(found.axis);
  }
  if (axes.length > 0 && !axes.includes(0)) return { ok: true, axes: ascending(axes) };
  return reject("setting", `layer_norm cannot work over axes=[${given.join(", ")}]`, {
    notes: ["it works within each example, so over at least one axis, and not over the first"],
  });
}

function channelParameters(word: string, { inputs, settings }: ShapeContext): ParametersResult {
  if (!booleanOf(settings, "affine")) return { ok: true, parameters: [] };
  const channels = requireNumber(
    word,
    inputs[0]!,
    1,
    "the number of channels",
    `${word} keeps a scale and a shift for every channel`,
  );
  if (!channels.ok) return channels;
  const shape = [channels.value];
  return { ok: true, parameters: [onesParameter("weight", shape), zerosParameter("bias", shape)] };
}

function scaledByChannel({ builder, settings, parameter }: LowerContext, x: ValueId): ValueId {
  if (!booleanOf(settings, "affine")) return x;
  const rank = builder.shape(x).length;
  const scaled = builder.multiply(x, alongChannels(builder, parameter("weight"), rank));
  return builder.add(scaled, alongChannels(builder, parameter("bias"), rank));
}

function needsChannels(word: string, x: OperandShape): Rejected {
  return reject("shape", `${word} needs channels [N, C, ...], and ${x.name} is ${describe(x.shape)}`);
}

function needsPixels(word: string, x: OperandShape): Rejected {
  return reject("shape", `${word} needs several values per channel, and ${x.name} is ${describe(x.shape)}`, {
    notes: ["over a single value everything would become 0"],
    suggestion: "Put it before flatten, or use layer_norm",
  });
}

function axesFrom(first: number, rank: number): number[] {
  return Array.from({ length: Math.max(0, rank - first) }, (_, index) => first + index);
}

function ascending(axes: readonly number[]): number[] {
  return [...new Set(axes)].sort((left, right) => left - right);
}
