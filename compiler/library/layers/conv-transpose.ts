/** Transposed convolution, as PyTorch's ConvTranspose2d: the gradient of a convolution, run forwards. */
import type { Dimension } from "../../sizes/dimension.js";
import { type Size, add, constant, equal, format, multiply } from "../../sizes/size.js";
import { addBias, biasParameter, biasSettings, refuseBiasInitializer } from "../bias.js";
import {
  channelsSetting,
  groupsSetting,
  initializerSetting,
  inputIsKnown,
  paddingSetting,
  windowSetting,
} from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { OperandShape, OutputDimension, ShapeCondition } from "../definition.js";
import { refuseGroups } from "../groups.js";
import { booleanOf, initializerOf, numberOf, paddingOf, pairOf } from "../read-settings.js";
import type { Padding, SettingValues } from "../settings.js";
import {
  type Rejected,
  accept,
  counted,
  blameAxis,
  compareAtLeast,
  computed,
  describe,
  fixed,
  reject,
  requireNumber,
  same,
} from "../shape-results.js";
import { refuseUnlessImage } from "../spatial.js";

const word = "conv_transpose";

export const convTranspose = defineLayer({
  name: word,
  category: "layer",
  documentation: {
    summary: "Spreads every pixel over a trained window; with a stride it enlarges the image.",
    formula:
      "y[n, o, i * stride + a * dilation - pad, j * stride + b * dilation - pad] += x[n, c, i, j] * weight[c, o, a, b]",
    source: "Zeiler et al., 2010, Deconvolutional Networks",
  },
  settings: [
    channelsSetting,
    windowSetting,
    {
      name: "stride",
      type: "pair",
      default: [1, 1],
      minimum: 1,
      documentation: "How far apart the windows of neighbouring pixels are.",
      mistakenFor: inputIsKnown("conv_transpose(width, size)"),
    },
    {
      ...paddingSetting,
      documentation:
        "Rows and columns cut off around the output: a number, [vertical, horizontal], [top, left, bottom, right], `valid` (none), `same` (gives n * stride) or `full`.",
    },
    {
      name: "output_pad",
      type: "pair",
      default: [0, 0],
      minimum: 0,
      documentation: "Rows and columns added at the end of the output; fewer than the stride.",
    },
    {
      name: "dilation",
      type: "pair",
      default: [1, 1],
      minimum: 1,
      documentation: "The distance between the rows and columns that the window writes.",
    },
    groupsSetting,
    biasSettings[0],
    initializerSetting,
    biasSettings[1],
  ],
  shape: (context) => {
    const { settings } = context;
    const x = context.inputs[0]!;
    const axes = spreadAxes(settings);
    const refused =
      refuseUnlessImage(word, x) ??
      refuseGroups(word, context) ??
      refuseOutputPad(axes) ??
      refuseBiasInitializer(word, settings);
    if (refused !== null) return refused;
    const width = numberOf(settings, "width");
    const conditions: ShapeCondition[] = [];
    const sides: OutputDimension[] = [];
    for (const [index, axis] of axes.entries()) {
      const dimension = x.shape[2 + index]!;
      const size = spreadSize(axis, dimension.size);
      const positive = compareAtLeast(size, constant(1));
      if (positive === "no") return leavesNothing(x, index, axis);
      if (positive !== "yes") conditions.push(positive);
      sides.push(spreadDimension(axis, dimension, size));
    }
    const [height, breadth] = sides;
    return accept([same(x.shape[0]!), fixed(width, counted(width, "channel")), height!, breadth!], {
      conditions,
    });
  },
  parameters: ({ inputs, settings }) => {
    const channels = requireNumber(
      word,
      inputs[0]!,
      1,
      "the number of channels",
      `${word} keeps a weight of shape [channels, width / groups, height, width]`,
    );
    if (!channels.ok) return channels;
    const width = numberOf(settings, "width");
    const shape = [channels.value, width / numberOf(settings, "groups"), ...pairOf(settings, "size")];
    return {
      ok: true,
      parameters: [
        { name: "weight", role: "parameter", shape, initializer: initializerOf(settings, "init") },
        ...biasParameter(settings, width),
      ],
    };
  },
  lower: ({ builder, inputs, settings, parameter }) => {
    const x = inputs[0]!;
    const lengths = builder.shape(x).slice(2);
    const [vertical, horizontal] = spreadAxes(settings);
    const attributes = {
      stride: pairOf(settings, "stride"),
      dilation: pairOf(settings, "dilation"),
      groups: numberOf(settings, "groups"),
      pad: [vertical.before, horizontal.before, vertical.after, horizontal.after] as const,
      height: spreadLength(vertical, lengths[0]!),
      width: spreadLength(horizontal, lengths[1]!),
      epilogue: null,
    };
    const spread = builder.node("conv_input_gradient", attributes, [x, parameter("weight")]);
    return [booleanOf(settings, "bias") ? addBias(builder, spread, parameter("bias")) : spread];
  },
});

/** How one axis is spread. */
interface SpreadAxis {
  readonly stride: number;
  /** The rows a window spans, less one. */
  readonly span: number;
  /** Rows cut off before and after. */
  readonly before: number;
  readonly after: number;
  readonly extra: number;
}

function spreadAxes(settings: SettingValues): readonly [SpreadAxis, SpreadAxis] {
  const padding = paddingOf(settings, "pad");
  const axis = (index: 0 | 1): SpreadAxis => {
    const stride = pairOf(settings, "stride")[index];
    const span = pairOf(settings, "dilation")[index] * (pairOf(settings, "size")[index] - 1);
    const extra = pairOf(settings, "output_pad")[index];
    if (padding === "same") return sameAxis(stride, span, extra);
    const [before, after] = cutOff(padding, index, span);
    return { stride, span, before, after, extra };
  };
  return [axis(0), axis(1)];
}

/** Cuts off, or adds, as many rows as bring length * stride. */
function sameAxis(stride: number, span: number, extra: number): SpreadAxis {
  const surplusRows = span + 1 + extra - stride;
  const cut = Math.max(0, surplusRows);
  const before = Math.floor(cut / 2);
  return { stride, span, before, after: cut - before, extra: extra + Math.max(0, -surplusRows) };
}

function cutOff(
  padding: Exclude<Padding, "same">,
  index: 0 | 1,
  span: number,
): readonly [before: number, after: number] {
  if (padding === "valid") return [0, 0];
  if (padding === "full") return [span, span];
  return [padding[index], padding[index + 2]!];
}

function spreadSize(axis: SpreadAxis, length: Size): Size {
  return add(multiply(length, constant(axis.stride)), constant(surplus(axis)));
}

function spreadLength(axis: SpreadAxis, length: number): number {
  return length * axis.stride + surplus(axis);
}

/** What is added to length * stride: (length - 1) * stride - before - after + span + extra + 1. */
function surplus({ stride, span, before, after, extra }: SpreadAxis): number {
  return 1 + span + extra - stride - before - after;
}

function spreadDimension(axis: SpreadAxis, dimension: Dimension, size: Size): OutputDimension {
  if (equal(size, dimension.size)) return same(dimension);
  return computed(size, spreadArithmetic(axis, dimension.size), [dimension]);
}

/** `4 -> (4 - 1) * 2 - 2 + 3 + 1 = 8` */
function spreadArithmetic(axis: SpreadAxis, length: Size): string {
  const from = format(length);
  const cut = axis.before + axis.after;
  const parts = [
    axis.stride === 1 ? `${from} - 1` : `(${from} - 1) * ${String(axis.stride)}`,
    ...(cut === 0 ? [] : [`- ${String(cut)}`]),
    ...(axis.span === 0 ? [] : [`+ ${String(axis.span)}`]),
    ...(axis.extra === 0 ? [] : [`+ ${String(axis.extra)}`]),
    "+ 1",
  ];
  return `${from} -> ${parts.join(" ")} = ${format(spreadSize(axis, length))}`;
}

function refuseOutputPad(axes: readonly SpreadAxis[]): Rejected | null {
  const wrong = axes.find(({ extra, stride }) => extra >= stride);
  if (wrong === undefined) return null;
  return reject(
    "setting",
    `${word} has output_pad=${String(wrong.extra)} with stride=${String(wrong.stride)}`,
    {
      notes: [
        "output_pad chooses among the sizes that a convolution with this stride would bring to the input's",
      ],
      suggestion: `output_pad must be smaller than the stride: at most ${String(wrong.stride - 1)}`,
    },
  );
}

function leavesNothing(x: OperandShape, index: number, axis: SpreadAxis): Rejected {
  return reject("size", `the pad of ${word} leaves nothing of ${x.name}, which is ${describe(x.shape)}`, {
    notes: [`${index === 0 ? "height" : "width"}: ${spreadArithmetic(axis, x.shape[2 + index]!.size)}`],
    blame: blameAxis(x, 2 + index),
    suggestion: "In a transposed convolution pad cuts rows and columns off; make it smaller",
  });
}
