/**
 * Images as factors of a product: what a window sees of them, line by line.
 *
 * Invariant: padding hides a stretch at the beginning or end of a line, or all of it, so a
 * line says where it is to be seen. Coordinates are u32: what lies before 0 wraps around and
 * is thereby too large.
 */
import type { ConvGeometry } from "../../../select/kernel.js";
import type { Derived, Factor } from "./factors.js";

/** A u32 literal. */
export function u(value: number): string {
  return `${String(value)}u`;
}

export function perGroup(spec: ConvGeometry) {
  return {
    outs: spec.outChannels / spec.groups,
    ins: spec.channels / spec.groups,
    window: spec.size[0] * spec.size[1],
  };
}

/** A convolution of single pixels sees a plane as one row. */
export function flattened<Spec extends ConvGeometry>(spec: Spec): Spec {
  if (!isPointwise(spec)) return spec;
  const pixels = spec.height * spec.width;
  return { ...spec, height: 1, width: pixels, outHeight: 1, outWidth: pixels };
}

function isPointwise({ size, stride, height, width, outHeight, outWidth }: ConvGeometry): boolean {
  const isOne = [...size, ...stride].every((value) => value === 1);
  return isOne && height === outHeight && width === outWidth;
}

/** Whether no window reaches into the padding. */
function staysInside(spec: ConvGeometry): boolean {
  const { pad, stride, size, dilation, height, width, outHeight, outWidth } = spec;
  const reaches = (axis: 0 | 1, out: number): number =>
    (out - 1) * stride[axis] + (size[axis] - 1) * dilation[axis];
  return pad[0] === 0 && pad[1] === 0 && reaches(0, outHeight) < height && reaches(1, outWidth) < width;
}

/** What the windows of the output's pixels see of the input; a line runs through the channels at one place of the window. */
export function throughChannels(spec: ConvGeometry, operand: number): Factor {
  const { dilation, pad, height, width, channels, size, stride, outWidth } = spec;
  const { ins, window } = perGroup(spec);
  const isWhole = staysInside(spec);
  return {
    operand,
    fromOuter: outputPixel(spec),
    fromLine: placeInWindow(spec),
    begin: [
      `let y = oy * ${u(stride[0])} + ky * ${u(dilation[0])} - ${u(pad[0])};`,
      `let x = ox * ${u(stride[1])} + kx * ${u(dilation[1])} - ${u(pad[1])};`,
      `let plane = image * ${u(channels)} + group * ${u(ins)};`,
      `let begin = (plane * ${u(height)} + y) * ${u(width)} + x;`,
      isWhole
        ? "return begin;"
        : `return vec3<u32>(begin, 0u, select(0u, ${u(ins)}, y < ${u(height)} && x < ${u(width)}));`,
    ],
    isWhole,
    stride: height * width,
    contiguous: "outer",
    byFours: isWhole && window === 1 && stride[1] === 1 && outWidth % 4 === 0 && (height * width) % 4 === 0,
  };

  function placeInWindow({ size: [, kw] }: ConvGeometry): readonly Derived[] {
    if (size[0] * size[1] === 1) return constants(["ky", "kx"]);
    return [
      { name: "ky", value: (line) => `${line} / ${u(kw)}` },
      { name: "kx", value: (line) => `${line} % ${u(kw)}` },
    ];
  }
}

/** The same where there are few channels; a line runs along one row of the window. */
export function alongWindows(spec: ConvGeometry, operand: number): Factor {
  const { dilation, pad, height, width, channels, size, stride } = spec;
  const { ins } = perGroup(spec);
  const isWhole = staysInside(spec);
  return {
    operand,
    fromOuter: outputPixel(spec),
    fromLine: [
      { name: "channel", value: (line) => `${line} / ${u(size[0])}` },
      { name: "ky", value: (line) => `${line} % ${u(size[0])}` },
    ],
    begin: [
      `let y = oy * ${u(stride[0])} + ky * ${u(dilation[0])} - ${u(pad[0])};`,
      `let plane = image * ${u(channels)} + group * ${u(ins)} + channel;`,
      `let start = ox * ${u(stride[1])};`,
      `let begin = (plane * ${u(height)} + y) * ${u(width)} + start - ${u(pad[1])};`,
      ...(isWhole
        ? ["return begin;"]
        : seenBetween("start", { pad: pad[1], step: dilation[1], extent: width, length: size[1] }, height)),
    ],
    isWhole,
    stride: dilation[1],
    contiguous: "outer",
    byFours: false,
  };
}

/** What the places of the window see of the input; a line runs along a row of the output. */
export function alongRows(spec: ConvGeometry, operand: number): Factor {
  const { dilation, pad, height, width, channels, size, stride, outHeight, outWidth } = spec;
  const { ins, window } = perGroup(spec);
  const isWhole = staysInside(spec);
  return {
    operand,
    fromOuter: [
      { name: "channel", value: (outer) => `${outer} / ${u(window)}` },
      { name: "ky", value: (outer) => `(${outer} / ${u(size[1])}) % ${u(size[0])}` },
      { name: "kx", value: (outer) => `${outer} % ${u(size[1])}` },
    ],
    fromLine: rowOfOutput(spec),
    begin: [
      `let y = oy * ${u(stride[0])} + ky * ${u(dilation[0])} - ${u(pad[0])};`,
      `let plane = image * ${u(channels)} + group * ${u(ins)} + channel;`,
      `let start = kx * ${u(dilation[1])};`,
      `let begin = (plane * ${u(height)} + y) * ${u(width)} + start - ${u(pad[1])};`,
      ...(isWhole
        ? ["return begin;"]
        : seenBetween("start", { pad: pad[1], step: stride[1], extent: width, length: outWidth }, height)),
    ],
    isWhole,
    stride: stride[1],
    contiguous: "inner",
    byFours: isWhole && window === 1 && outHeight === 1 && stride[1] === 1 && width % 4 === 0,
  };
}

/** The output, or its cotangent, whose lines are its rows. */
export function outputRows(spec: ConvGeometry, operand: number): Factor {
  const { outChannels, outHeight, outWidth } = spec;
  const { outs } = perGroup(spec);
  return {
    operand,
    fromLine: rowOfOutput(spec),
    begin: [
      `let channel = image * ${u(outChannels)} + group * ${u(outs)} + outer;`,
      `return (channel * ${u(outHeight)} + oy) * ${u(outWidth)};`,
    ],
    isWhole: true,
    stride: 1,
    contiguous: "inner",
    byFours: outWidth % 4 === 0,
  };
}

/** The cotangents of the windows that cover the input's pixels; a line runs through the output's channels at one place of the window. */
export function covering(spec: ConvGeometry, operand: number): Factor {
  const { dilation, pad, stride, size, outChannels, outHeight, outWidth } = spec;
  const { outs, window } = perGroup(spec);
  const isWhole = isPointwise(spec);
  const isFound = (name: string, axis: 0 | 1, extent: number): string => {
    const step = stride[axis];
    const inside = `${name} / ${u(step)} < ${u(extent)}`;
    return step === 1 ? inside : `${name} % ${u(step)} == 0u && ${inside}`;
  };
  return {
    operand,
    fromOuter: inputPixel(spec),
    fromLine:
      window === 1
        ? constants(["ky", "kx"])
        : [
            { name: "ky", value: (line) => `${line} / ${u(size[1])}` },
            { name: "kx", value: (line) => `${line} % ${u(size[1])}` },
          ],
    begin: [
      `let y = row + ${u(pad[0])} - ky * ${u(dilation[0])};`,
      `let x = column + ${u(pad[1])} - kx * ${u(dilation[1])};`,
      `let plane = image * ${u(outChannels)} + group * ${u(outs)};`,
      `let begin = (plane * ${u(outHeight)} + y / ${u(stride[0])}) * ${u(outWidth)} + x / ${u(stride[1])};`,
      ...(isWhole
        ? ["return begin;"]
        : [
            `let isFound = ${isFound("y", 0, outHeight)} && ${isFound("x", 1, outWidth)};`,
            `return vec3<u32>(begin, 0u, select(0u, ${u(outs)}, isFound));`,
          ]),
    ],
    isWhole,
    stride: outHeight * outWidth,
    contiguous: "outer",
    byFours: isWhole && (outHeight * outWidth) % 4 === 0,
    skipsLines: stride[0] * stride[1] > 1,
  };
}

/** `image`, `oy`, `ox`: the pixel of the output with a number. */
export function outputPixel({ outHeight, outWidth }: ConvGeometry): readonly Derived[] {
  return [
    { name: "image", value: (number) => `${number} / ${u(outHeight * outWidth)}` },
    { name: "oy", value: (number) => `(${number} / ${u(outWidth)}) % ${u(outHeight)}` },
    { name: "ox", value: (number) => `${number} % ${u(outWidth)}` },
  ];
}

/**
 * `image`, `row`, `column`: the pixel of the input with a number. Under a stride, pixels that
 * are covered by the same places of windows are numbered one after the other.
 */
export function inputPixel({ batch, height, width, stride }: ConvGeometry): readonly Derived[] {
  const [down, across] = height % stride[0] === 0 && width % stride[1] === 0 ? stride : [1, 1];
  const [rows, columns] = [height / down, width / across];
  const alike = batch * rows * columns;
  const among = (number: string): string => (down * across === 1 ? number : `${number} % ${u(alike)}`);
  const spread = (place: string, step: number, phase: string): string =>
    step === 1 ? place : `${place} * ${u(step)} + ${phase}`;
  return [
    { name: "image", value: (number) => `${among(number)} / ${u(rows * columns)}` },
    {
      name: "row",
      value: (number) =>
        spread(
          `${among(number)} / ${u(columns)} % ${u(rows)}`,
          down,
          `${number} / ${u(alike)} / ${u(across)}`,
        ),
    },
    {
      name: "column",
      value: (number) =>
        spread(`${among(number)} % ${u(columns)}`, across, `${number} / ${u(alike)} % ${u(across)}`),
    },
  ];
}

/** `image`, `oy`: the row of the output with a number. */
function rowOfOutput({ outHeight }: ConvGeometry): readonly Derived[] {
  return [
    { name: "image", value: (line) => `${line} / ${u(outHeight)}` },
    { name: "oy", value: (line) => `${line} % ${u(outHeight)}` },
  ];
}

function constants(names: readonly string[]): readonly Derived[] {
  return names.map((name) => ({ name, value: () => "0u" }));
}

/**
 * Statements that return a line's beginning and which of its elements are to be seen, where
 * element i lies at `start` + i * step - pad of an extent, in row `y` of a height.
 */
function seenBetween(
  start: string,
  line: { readonly pad: number; readonly step: number; readonly extent: number; readonly length: number },
  height: number,
): string[] {
  const { pad, step, extent, length } = line;
  return [
    `let first = select((${u(pad + step - 1)} - ${start}) / ${u(step)}, 0u, ${start} >= ${u(pad)});`,
    `let beyond = min((${u(extent - 1 + pad)} - ${start}) / ${u(step)} + 1u, ${u(length)});`,
    `let isSeen = y < ${u(height)} && ${start} < ${u(extent + pad)} && first < beyond;`,
    "return vec3<u32>(begin, first, select(0u, beyond - first, isSeen));",
  ];
}
