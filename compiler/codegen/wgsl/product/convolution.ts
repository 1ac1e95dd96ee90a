/**
 * Convolutions and their gradients as products whose factors are images looked at through
 * windows ("implicit GEMM"; Chetlur et al., "cuDNN: Efficient Primitives for Deep Learning",
 * 2014). Nothing is unrolled in memory.
 *
 * Per group: forward, [out channels, window and channels] times [same, pixels of the output];
 * the input's gradient, [channels, window and out channels] times [same, pixels of the input];
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
import { derive, type Derived, type Factor } from "./factors.js";
import {
  alongRows,
  alongWindows,
  covering,
  flattened,
  inputPixel,
  outputPixel,
  outputRows,
  perGroup,
  throughChannels,
  u,
} from "./images.js";
import { productDispatches } from "./product.js";

export function conv(spec: ConvKernel): WgslKernel {
  const { batch, outChannels, outHeight, outWidth, size, epilogue } = spec;
  const { outs, ins, window } = perGroup(spec);
  const inputs = 2 + (epilogue?.operands.length ?? 0);
  const hasFewChannels = ins < size[1];
  const weight: Factor = {
    operand: 1,
    begin: [
      `return (group * ${u(outs)} + outer) * ${u(ins * window)} + line${hasFewChannels ? ` * ${u(size[1])}` : ""};`,
    ],
    isWhole: true,
    stride: hasFewChannels ? 1 : window,
    contiguous: "inner",
    byFours: window === 1 && ins % 4 === 0,
  };
  const product = productDispatches({
    m: outs,
    n: batch * outHeight * outWidth,
    groups: spec.groups,
    lines: hasFewChannels ? ins * size[0] : window,
    length: hasFewChannels ? size[1] : ins,
    storing: storingOperands(epilogue, 2, inputs),
    scratch: inputs + 1,
    left: weight,
    right: hasFewChannels ? alongWindows(spec, 0) : throughChannels(flattened(spec), 0),
    store: (access) =>
      storePixel(spec, access, {
        inputs,
        pixel: outputPixel(spec),
        coordinates: ["oy", "ox"],
        shape: [outChannels, outHeight, outWidth],
      }),
  });
  return { inputs, outputs: 1, flops: flopsOf(spec), ...product };
}

export function convInputGradient(spec: ConvInputGradientKernel): WgslKernel {
  const { batch, channels, height, width, epilogue } = spec;
  const { outs, ins, window } = perGroup(spec);
  const inputs = 2 + (epilogue?.operands.length ?? 0);
  const product = productDispatches({
    m: ins,
    n: batch * height * width,
    groups: spec.groups,
    lines: window,
    length: outs,
    storing: storingOperands(epilogue, 2, inputs),
    scratch: inputs + 1,
    left: {
      operand: 1,
      begin: [`return (group * ${u(outs * ins)} + outer) * ${u(window)} + line;`],
      isWhole: true,
      stride: ins * window,
      contiguous: "outer",
      byFours: window === 1 && ins % 4 === 0,
    },
    right: covering(flattened(spec), 0),
    store: (access) =>
      storePixel(spec, access, {
        inputs,
        pixel: inputPixel(spec),
        coordinates: ["row", "column"],
        shape: [channels, height, width],
      }),
  });
  return { inputs, outputs: 1, flops: flopsOf(spec), ...product };
}

export function convWeightGradient(spec: ConvWeightGradientKernel): WgslKernel {
  const { outs, ins, window } = perGroup(spec);
  const flat = flattened(spec);
  const product = productDispatches({
    m: outs,
    n: ins * window,
    groups: spec.groups,
    lines: flat.batch * flat.outHeight,
    length: flat.outWidth,
    storing: storingOperands(null, 2, 2),
    scratch: 3,
    left: outputRows(flat, 1),
    right: alongRows(flat, 0),
    store: (access) => [access.write(2, `(group * ${u(outs)} + row) * ${u(ins * window)} + column`, "value")],
  });
  return { inputs: 2, outputs: 1, flops: flopsOf(spec), ...product };
}

/** Stores `value` at channel `row` of the group and pixel `column`. */
function storePixel(
  spec: ConvKernel | ConvInputGradientKernel,
  access: OperandAccess,
  {
    inputs,
    pixel,
    coordinates,
    shape: [channels, height, width],
  }: {
    readonly inputs: number;
    readonly pixel: readonly Derived[];
    readonly coordinates: readonly [y: string, x: string];
    readonly shape: readonly [channels: number, height: number, width: number];
  },
): string[] {
  const [y, x] = coordinates.map((name) => `pixel_${name}`);
  return [
    ...derive(pixel, "column", "pixel"),
    `let channel = group * ${u(channels / spec.groups)} + row;`,
    ...storeWithEpilogue(spec.epilogue, access, {
      first: 2,
      output: inputs,
      coordinates: ["pixel_image", "channel", y!, x!],
      index: `((pixel_image * ${u(channels)} + channel) * ${u(height)} + ${y!}) * ${u(width)} + ${x!}`,
    }),
  ];
}

function flopsOf(spec: ConvGeometry): number {
  const { outs, ins, window } = perGroup(spec);
  return 2 * spec.groups * outs * ins * window * spec.batch * spec.outHeight * spec.outWidth;
}
