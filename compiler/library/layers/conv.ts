/** Convolution, as PyTorch's Conv2d: a cross-correlation, with the weight as [out, in / groups, kh, kw]. */
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
import { refuseGroups } from "../groups.js";
import { booleanOf, initializerOf, numberOf, paddingOf, pairOf } from "../read-settings.js";
import type { SettingValues } from "../settings.js";
import { accept, counted, fixed, requireNumber, same } from "../shape-results.js";
import { refuseUnlessImage, slide } from "../spatial.js";
import { type WindowAxis, paddingsAt, windowAxes } from "../window.js";

export const conv = defineLayer({
  name: "conv",
  category: "layer",
  documentation: {
    summary: "Slides `width` trained windows over an image; each gives one output channel.",
    formula:
      "y[n, o, i, j] = bias[o] + sum over c, a, b of weight[o, c, a, b] * x[n, c, i * stride + a * dilation - pad, j * stride + b * dilation - pad]",
    source: "LeCun et al., 1998, Gradient-Based Learning Applied to Document Recognition",
  },
  settings: [
    channelsSetting,
    windowSetting,
    {
      name: "stride",
      type: "pair",
      default: [1, 1],
      minimum: 1,
      documentation: "How far the window moves.",
      mistakenFor: inputIsKnown("conv(width, size)"),
    },
    paddingSetting,
    {
      name: "dilation",
      type: "pair",
      default: [1, 1],
      minimum: 1,
      documentation: "The distance between the rows and columns that the window reads.",
    },
    groupsSetting,
    biasSettings[0],
    initializerSetting,
    biasSettings[1],
  ],
  shape: (context) => {
    const x = context.inputs[0]!;
    const refused =
      refuseUnlessImage("conv", x) ??
      refuseGroups("conv", context) ??
      refuseBiasInitializer("conv", context.settings);
    if (refused !== null) return refused;
    const slid = slide("conv", x, convWindows(context.settings));
    if (!slid.ok) return slid;
    const width = numberOf(context.settings, "width");
    const channels = fixed(width, counted(width, "channel"));
    return accept([same(x.shape[0]!), channels, slid.height, slid.width], slid);
  },
  parameters: ({ inputs, settings }) => {
    const channels = requireNumber(
      "conv",
      inputs[0]!,
      1,
      "the number of channels",
      "conv keeps a weight of shape [width, channels / groups, height, width]",
    );
    if (!channels.ok) return channels;
    const width = numberOf(settings, "width");
    const [height, breadth] = pairOf(settings, "size");
    const shape = [width, channels.value / numberOf(settings, "groups"), height, breadth];
    const initializer = initializerOf(settings, "init");
    return {
      ok: true,
      parameters: [
        { name: "weight", role: "parameter", shape, initializer },
        ...biasParameter(settings, width),
      ],
    };
  },
  lower: ({ builder, inputs, settings, parameter }) => {
    const x = inputs[0]!;
    const [, , height, width] = builder.shape(x);
    const attributes = {
      stride: pairOf(settings, "stride"),
      dilation: pairOf(settings, "dilation"),
      groups: numberOf(settings, "groups"),
      pad: paddingsAt(convWindows(settings), height!, width!),
      epilogue: null,
    };
    const product = builder.node("conv", attributes, [x, parameter("weight")]);
    return [booleanOf(settings, "bias") ? addBias(builder, product, parameter("bias")) : product];
  },
});

function convWindows(settings: SettingValues): readonly [WindowAxis, WindowAxis] {
  return windowAxes({
    size: pairOf(settings, "size"),
    stride: pairOf(settings, "stride"),
    dilation: pairOf(settings, "dilation"),
    padding: paddingOf(settings, "pad"),
    ceil: false,
  });
}
