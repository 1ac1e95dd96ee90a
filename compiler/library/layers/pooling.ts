/** Pools over windows, as PyTorch's MaxPool2d and AvgPool2d. */
import { paddingSetting, windowSetting } from "../common-settings.js";
import { defineLayer } from "../define.js";
import type { LayerDefinition, OperandShape } from "../definition.js";
import { booleanOf, paddingOf, pairOf } from "../read-settings.js";
import type { SettingDefinition, SettingValues } from "../settings.js";
import { accept, reject, same } from "../shape-results.js";
import { refuseUnlessImage, slide } from "../spatial.js";
import { type WindowAxis, paddingsAt, windowAxes } from "../window.js";

const settings: readonly SettingDefinition[] = [
  windowSetting,
  {
    name: "stride",
    type: "pair",
    default: "=size",
    minimum: 1,
    documentation: "How far the window moves; by default its own size, so that windows touch.",
  },
  paddingSetting,
  {
    name: "ceil",
    type: "boolean",
    default: false,
    documentation: "Whether the output size is rounded up, so that a last, incomplete window counts.",
  },
];

export const maxPool = defineLayer({
  name: "max_pool",
  category: "layer",
  documentation: {
    summary: "Takes the largest value in every window; padding never wins.",
    formula: "y[n, c, i, j] = max over a, b of x[n, c, i * stride + a - pad, j * stride + b - pad]",
    source: "",
  },
  settings,
  shape: (context) => poolShape("max_pool", context.inputs[0]!, context.settings),
  lower: ({ builder, inputs, settings: values }) => {
    const x = inputs[0]!;
    return [builder.node("max_pool", attributesOf(values, builder.shape(x)), [x])];
  },
});

export const averagePool = defineLayer({
  name: "avg_pool",
  category: "layer",
  documentation: {
    summary: "Takes the mean of every window.",
    formula: "y[n, c, i, j] = mean over a, b of x[n, c, i * stride + a - pad, j * stride + b - pad]",
    source: "",
  },
  settings: [
    ...settings,
    {
      name: "count_include_pad",
      type: "boolean",
      default: true,
      documentation: "Whether padding counts among the values that are averaged.",
    },
  ],
  shape: (context) => poolShape("avg_pool", context.inputs[0]!, context.settings),
  lower: ({ builder, inputs, settings: values }) => {
    const x = inputs[0]!;
    const countIncludesPad = booleanOf(values, "count_include_pad");
    return [builder.node("avg_pool", { ...attributesOf(values, builder.shape(x)), countIncludesPad }, [x])];
  },
});

function poolShape(
  word: string,
  x: OperandShape,
  values: SettingValues,
): ReturnType<LayerDefinition["shape"]> {
  const windows = poolWindows(values);
  const refused = refuseUnlessImage(word, x) ?? refuseEmptyWindows(word, windows);
  if (refused !== null) return refused;
  const slid = slide(word, x, windows);
  if (!slid.ok) return slid;
  return accept([same(x.shape[0]!), same(x.shape[1]!), slid.height, slid.width], slid);
}

/** A window must meet the image: a maximum or mean of padding alone means nothing. */
function refuseEmptyWindows(word: string, windows: readonly WindowAxis[]) {
  const wrong = windows.find(({ padding, size }) => padding !== "same" && Math.max(...padding) >= size);
  if (wrong === undefined) return null;
  const pad = Math.max(...(wrong.padding as readonly number[]));
  return reject(
    "setting",
    `${word} with pad=${String(pad)} has windows of size ${String(wrong.size)} that hold only padding`,
    {
      suggestion: `pad must be smaller than the window: at most ${String(wrong.size - 1)}`,
    },
  );
}

function poolWindows(values: SettingValues): readonly [WindowAxis, WindowAxis] {
  return windowAxes({
    size: pairOf(values, "size"),
    stride: pairOf(values, "stride"),
    dilation: [1, 1],
    padding: paddingOf(values, "pad"),
    ceil: booleanOf(values, "ceil"),
  });
}

function attributesOf(values: SettingValues, [, , height, width]: readonly number[]) {
  return {
    size: pairOf(values, "size"),
    stride: pairOf(values, "stride"),
    pad: paddingsAt(poolWindows(values), height!, width!),
    ceil: booleanOf(values, "ceil"),
  };
}
