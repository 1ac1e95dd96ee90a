/** Convolution and its gradients in float64, written as the definition says; random geometries. */
import fc from "fast-check";
import type { ConvGeometry, KernelEpilogue } from "../../../compiler/select/kernel.js";
import { evaluate } from "./expression.js";

/** Visits every multiplication of a convolution: elements of x, weight and output. */
function eachProduct(g: ConvGeometry, visit: (x: number, weight: number, out: number) => void): void {
  const [groupIn, groupOut] = [g.channels / g.groups, g.outChannels / g.groups];
  const [kh, kw] = g.size;
  for (let n = 0; n < g.batch; n++)
    for (let o = 0; o < g.outChannels; o++)
      for (let y = 0; y < g.outHeight; y++)
        for (let x = 0; x < g.outWidth; x++)
          for (let c = 0; c < groupIn; c++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const row = y * g.stride[0] + i * g.dilation[0] - g.pad[0];
                const column = x * g.stride[1] + j * g.dilation[1] - g.pad[1];
                if (row < 0 || row >= g.height || column < 0 || column >= g.width) continue;
                const channel = Math.floor(o / groupOut) * groupIn + c;
                visit(
                  ((n * g.channels + channel) * g.height + row) * g.width + column,
                  ((o * groupIn + c) * kh + i) * kw + j,
                  ((n * g.outChannels + o) * g.outHeight + y) * g.outWidth + x,
                );
              }
}

export const xLength = (g: ConvGeometry): number => g.batch * g.channels * g.height * g.width;
export const weightLength = (g: ConvGeometry): number =>
  g.outChannels * (g.channels / g.groups) * g.size[0] * g.size[1];
export const outLength = (g: ConvGeometry): number => g.batch * g.outChannels * g.outHeight * g.outWidth;

export function convReference(g: ConvGeometry, x: Float32Array, weight: Float32Array): number[] {
  const out = new Array<number>(outLength(g)).fill(0);
  eachProduct(g, (a, b, c) => (out[c]! += x[a]! * weight[b]!));
  return out;
}

export function inputGradientReference(
  g: ConvGeometry,
  cotangent: Float32Array,
  weight: Float32Array,
): number[] {
  const gradient = new Array<number>(xLength(g)).fill(0);
  eachProduct(g, (a, b, c) => (gradient[a]! += cotangent[c]! * weight[b]!));
  return gradient;
}

export function weightGradientReference(g: ConvGeometry, x: Float32Array, cotangent: Float32Array): number[] {
  const gradient = new Array<number>(weightLength(g)).fill(0);
  eachProduct(g, (a, b, c) => (gradient[b]! += x[a]! * cotangent[c]!));
  return gradient;
}

/** Applies an epilogue to a tensor of this shape. */
export function applyEpilogue(
  epilogue: KernelEpilogue | null,
  shape: readonly number[],
  values: readonly number[],
  operands: readonly Float32Array[],
): number[] {
  if (!epilogue) return [...values];
  return values.map((value, index) => {
    let rest = index;
    const position = shape
      .toReversed()
      .map((size) => {
        const coordinate = rest % size;
        rest = Math.floor(rest / size);
        return coordinate;
      })
      .toReversed();
    return evaluate(epilogue.expression, {
      input: (i) => {
        if (i === 0) return value;
        const strides = epilogue.operands[i - 1]!.strides;
        return operands[i - 1]![position.reduce((sum, at, axis) => sum + at * strides[axis]!, 0)]!;
      },
    });
  });
}

export interface GeometryLimits {
  readonly batch: number;
  readonly channels: number;
  readonly extent: number;
  readonly kernel: number;
}

/** Geometries with all attributes in play; `outHeight` and `outWidth` may leave rows of the input unused. */
export function geometries(limits: GeometryLimits): fc.Arbitrary<ConvGeometry> {
  const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
    fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
  return fc
    .record({
      batch: fc.integer({ min: 1, max: limits.batch }),
      groups: fc.integer({ min: 1, max: 3 }),
      groupChannels: pair(1, limits.channels),
      extent: pair(1, limits.extent),
      size: pair(1, limits.kernel),
      stride: pair(1, 3),
      dilation: pair(1, 2),
      before: pair(0, 3),
      after: pair(0, 3),
      simple: fc.boolean(),
    })
    .map(({ groupChannels, extent, before, after, simple, ...rest }): ConvGeometry => {
      const stride: [number, number] = simple ? [1, 1] : rest.stride;
      const dilation: [number, number] = simple ? [1, 1] : rest.dilation;
      const groups = simple ? 1 : rest.groups;
      const reach = (axis: 0 | 1): number => dilation[axis] * (rest.size[axis] - 1) + 1;
      const inside = (axis: 0 | 1): number =>
        Math.max(extent[axis], reach(axis) - before[axis] - after[axis]);
      const [height, width] = [inside(0), inside(1)];
      const out = (n: number, axis: 0 | 1): number =>
        Math.floor((n + before[axis] + after[axis] - reach(axis)) / stride[axis]) + 1;
      return {
        batch: rest.batch,
        groups,
        size: rest.size,
        stride,
        dilation,
        pad: [before[0], before[1], after[0], after[1]],
        channels: groups * groupChannels[0],
        outChannels: groups * groupChannels[1],
        height,
        width,
        outHeight: out(height, 0),
        outWidth: out(width, 1),
      };
    });
}

/** A geometry with equal strides, paddings and sizes both ways. */
export function square(
  batch: number,
  channels: number,
  extent: number,
  outChannels: number,
  size: number,
  options: { stride?: number; pad?: number; dilation?: number; groups?: number } = {},
): ConvGeometry {
  const { stride = 1, pad = 0, dilation = 1, groups = 1 } = options;
  const out = Math.floor((extent + 2 * pad - dilation * (size - 1) - 1) / stride) + 1;
  return {
    batch,
    channels,
    height: extent,
    width: extent,
    outChannels,
    outHeight: out,
    outWidth: out,
    size: [size, size],
    stride: [stride, stride],
    pad: [pad, pad, pad, pad],
    dilation: [dilation, dilation],
    groups,
  };
}
