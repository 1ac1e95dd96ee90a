/**
 * Convolutions and their gradients as tiled products whose factors are images looked at
 * through windows ("implicit GEMM"; Chetlur et al., "cuDNN: Efficient Primitives for Deep
 * Learning", 2014). Nothing is unrolled in memory.
 *
 * Per group: forward, [out channels, window] times [window, pixels of the output]; the
 * input's gradient, [channels, out channels and window] times [same, pixels of the input];
 * the weight's gradient, [out channels, pixels of the output] times [same, window].
 */
import type {
  ConvGeometry,
  ConvInputGradientKernel,
  ConvKernel,
  ConvWeightGradientKernel,
} from "../../../select/kernel.js";
import type { OperandAccess, WgslKernel } from "../kernel-code.js";
import { storeWithEpilogue, storingOperands } from "./epilogue.js";
import type { Derived } from "./factors.js";
import { productDispatches } from "./product.js";

export function conv(spec: ConvKernel): WgslKernel {
  const { batch, outHeight, outWidth, epilogue } = spec;
  const { outs, ins, window } = perGroup(spec);
  const inputs = 2 + (epilogue?.operands.length ?? 0);
  const product = productDispatches({
    m: outs,
    n: batch * outHeight * outWidth,
    k: ins * window,
    groups: spec.groups,
    factors: [1, 0],
    storing: storingOperands(epilogue, 2, inputs),
    scratch: inputs + 1,
    left: {
      innerIsContiguous: true,
      load: (access) => [
        `return ${access.read(1, `(group * ${u(outs)} + outer) * ${u(ins * window)} + inner`)};`,
      ],
    },
    right: {
      innerIsContiguous: false,
      fromOuter: pixelOf(spec),
      fromInner: windowElement(spec),
      load: (access) => readImage(spec, access, 0),
    },
    store: (access) => storePixel(spec, access, { inputs, isForward: true }),
  });
  return { inputs, outputs: 1, flops: flopsOf(spec), ...product };
}

export function convInputGradient(spec: ConvInputGradientKernel): WgslKernel {
  const { batch, height, width, epilogue } = spec;
  const { outs, ins, window } = perGroup(spec);
  const inputs = 2 + (epilogue?.operands.length ?? 0);
  const [kh, kw] = spec.size;
  const out: Derived = { name: "out", value: (inner) => `${inner} / ${u(window)}` };
  const product = productDispatches({
    m: ins,
    n: batch * height * width,
    k: outs * window,
    groups: spec.groups,
    factors: [1, 0],
    storing: storingOperands(epilogue, 2, inputs),
    scratch: inputs + 1,
    left: {
      innerIsContiguous: false,
      fromInner: [out],
      load: (access) => [
        `return ${access.read(
          1,
          `((group * ${u(outs)} + out) * ${u(ins)} + outer) * ${u(window)} + inner % ${u(window)}`,
        )};`,
      ],
    },
    right: {
      innerIsContiguous: false,
      fromOuter: [
        { name: "image", value: (outer) => `${outer} / ${u(height * width)}` },
        { name: "row", value: (outer) => `(${outer} / ${u(width)}) % ${u(height)}` },
        { name: "column", value: (outer) => `${outer} % ${u(width)}` },
      ],
      fromInner: [
        out,
        { name: "ky", value: (inner) => `(${inner} / ${u(kw)}) % ${u(kh)}` },
        { name: "kx", value: (inner) => `${inner} % ${u(kw)}` },
      ],
      load: (access) => [
        `let y = i32(row) + ${String(spec.pad[0])} - i32(ky) * ${String(spec.dilation[0])};`,
        `let x = i32(column) + ${String(spec.pad[1])} - i32(kx) * ${String(spec.dilation[1])};`,
        "if (y < 0 || x < 0) { return 0.0; }",
        ...(spec.stride[0] === 1 ? [] : [`if (y % ${String(spec.stride[0])} != 0) { return 0.0; }`]),
        ...(spec.stride[1] === 1 ? [] : [`if (x % ${String(spec.stride[1])} != 0) { return 0.0; }`]),
        `let oy = y / ${String(spec.stride[0])};`,
        `let ox = x / ${String(spec.stride[1])};`,
        `if (oy >= ${String(spec.outHeight)} || ox >= ${String(spec.outWidth)}) { return 0.0; }`,
        `let channel = image * ${u(spec.outChannels)} + group * ${u(outs)} + out;`,
        `return ${access.read(
          0,
          `(channel * ${u(spec.outHeight)} + u32(oy)) * ${u(spec.outWidth)} + u32(ox)`,
        )};`,
      ],
    },
    store: (access) => storePixel(spec, access, { inputs, isForward: false }),
  });
  return { inputs, outputs: 1, flops: flopsOf(spec), ...product };
}

export function convWeightGradient(spec: ConvWeightGradientKernel): WgslKernel {
  const { batch, outHeight, outWidth } = spec;
  const { outs, ins, window } = perGroup(spec);
  const product = productDispatches({
    m: outs,
    n: ins * window,
    k: batch * outHeight * outWidth,
    groups: spec.groups,
    factors: [0, 1],
    storing: storingOperands(null, 2, 2),
    scratch: 3,
    left: {
      innerIsContiguous: true,
      fromInner: [{ name: "image", value: (inner) => `${inner} / ${u(outHeight * outWidth)}` }],
      load: (access) => [
        `let channel = image * ${u(spec.outChannels)} + group * ${u(outs)} + outer;`,
        `return ${access.read(1, `channel * ${u(outHeight * outWidth)} + inner % ${u(outHeight * outWidth)}`)};`,
      ],
    },
    right: {
      innerIsContiguous: true,
      fromOuter: windowElement(spec),
      fromInner: pixelOf(spec),
      load: (access) => readImage(spec, access, 0),
    },
    store: (access) => [access.write(2, `(group * ${u(outs)} + row) * ${u(ins * window)} + column`, "value")],
  });
  return { inputs: 2, outputs: 1, flops: flopsOf(spec), ...product };
}

function perGroup(spec: ConvGeometry) {
  return {
    outs: spec.outChannels / spec.groups,
    ins: spec.channels / spec.groups,
    window: spec.size[0] * spec.size[1],
  };
}

/** `image`, `oy`, `ox`: the pixel of the output with a number. */
function pixelOf({ outHeight, outWidth }: ConvGeometry): readonly Derived[] {
  return [
    { name: "image", value: (number) => `${number} / ${u(outHeight * outWidth)}` },
    { name: "oy", value: (number) => `(${number} / ${u(outWidth)}) % ${u(outHeight)}` },
    { name: "ox", value: (number) => `${number} % ${u(outWidth)}` },
  ];
}

/** `channel` of the group, `ky`, `kx`: the element of a window with a number. */
function windowElement({ size }: ConvGeometry): readonly Derived[] {
  const [kh, kw] = size;
  return [
    { name: "channel", value: (number) => `${number} / ${u(kh * kw)}` },
    { name: "ky", value: (number) => `(${number} / ${u(kw)}) % ${u(kh)}` },
    { name: "kx", value: (number) => `${number} % ${u(kw)}` },
  ];
}

/** Returns the element of the input that a window's element sees; 0 in the padding. */
function readImage(spec: ConvGeometry, access: OperandAccess, operand: number): string[] {
  const { stride, dilation, pad, height, width, channels } = spec;
  const { ins } = perGroup(spec);
  return [
    `let y = i32(oy) * ${String(stride[0])} + i32(ky) * ${String(dilation[0])} - ${String(pad[0])};`,
    `let x = i32(ox) * ${String(stride[1])} + i32(kx) * ${String(dilation[1])} - ${String(pad[1])};`,
    `if (y < 0 || x < 0 || y >= ${String(height)} || x >= ${String(width)}) { return 0.0; }`,
    `let plane = image * ${u(channels)} + group * ${u(ins)} + channel;`,
    `return ${access.read(operand, `(plane * ${u(height)} + u32(y)) * ${u(width)} + u32(x)`)};`,
  ];
}

/** Stores `value` at channel `row` of the group and pixel `column`. */
function storePixel(
  spec: ConvKernel | ConvInputGradientKernel,
  access: OperandAccess,
  { inputs, isForward }: { readonly inputs: number; readonly isForward: boolean },
): string[] {
  const { outs, ins } = perGroup(spec);
  const [channels, height, width] = isForward
    ? [spec.outChannels, spec.outHeight, spec.outWidth]
    : [spec.channels, spec.height, spec.width];
  return [
    `let image = column / ${u(height * width)};`,
    `let y = (column / ${u(width)}) % ${u(height)};`,
    `let x = column % ${u(width)};`,
    `let channel = group * ${u(isForward ? outs : ins)} + row;`,
    ...storeWithEpilogue(spec.epilogue, access, {
      first: 2,
      output: inputs,
      coordinates: ["image", "channel", "y", "x"],
      index: `((image * ${u(channels)} + channel) * ${u(height)} + y) * ${u(width)} + x`,
    }),
  ];
}

function flopsOf(spec: ConvGeometry): number {
  const { outs, ins, window } = perGroup(spec);
  return 2 * spec.groups * outs * ins * window * spec.batch * spec.outHeight * spec.outWidth;
}

/** A u32 literal. */
function u(value: number): string {
  return `${String(value)}u`;
}
