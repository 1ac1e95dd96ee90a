/** Pooling and its gradients against a float64 reference, over random windows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PoolKernel } from "../../compiler/select/kernel.js";
import { checkKernel, numbers, runKernel } from "./support/run.js";

interface Window {
  readonly elements: readonly number[];
  readonly divisor: number;
}

/** The elements of x that each window covers, in row-major order, and what its average divides by. */
function windowsOf(spec: PoolKernel): Window[] {
  const [top, left, bottom, right] = spec.pad;
  const windows: Window[] = [];
  for (let plane = 0; plane < spec.planes; plane++)
    for (let oy = 0; oy < spec.outHeight; oy++)
      for (let ox = 0; ox < spec.outWidth; ox++) {
        const [y, x] = [oy * spec.stride[0] - top, ox * spec.stride[1] - left];
        const elements: number[] = [];
        for (let row = Math.max(y, 0); row < Math.min(y + spec.size[0], spec.height); row++)
          for (let column = Math.max(x, 0); column < Math.min(x + spec.size[1], spec.width); column++)
            elements.push((plane * spec.height + row) * spec.width + column);
        const divisor = spec.countIncludesPad
          ? (Math.min(y + spec.size[0], spec.height + bottom) - y) *
            (Math.min(x + spec.size[1], spec.width + right) - x)
          : elements.length;
        windows.push({ elements, divisor });
      }
  return windows;
}

/** Padding that leaves each window an element, and an output size rounded down or up. */
const specs: fc.Arbitrary<PoolKernel> = fc
  .record({
    planes: fc.integer({ min: 1, max: 5 }),
    extent: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 21 })),
    size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    pad: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
    ceil: fc.boolean(),
    halving: fc.boolean(),
    countIncludesPad: fc.boolean(),
  })
  .map(({ extent, halving, ceil, pad, ...rest }): PoolKernel => {
    const size: [number, number] = halving ? [2, 2] : rest.size;
    const stride: [number, number] = halving ? [2, 2] : rest.stride;
    const padding = halving
      ? [0, 0, 0, 0]
      : pad.map((value, side) => Math.min(value, Math.floor(size[side % 2]! / 2)));
    const [height, width] = [0, 1].map((axis) =>
      Math.max(extent[axis]!, size[axis]! - padding[axis]! - padding[axis + 2]!),
    ) as [number, number];
    const out = (axis: 0 | 1): number => {
      const span = (axis === 0 ? height : width) + padding[axis]! + padding[axis + 2]! - size[axis];
      const floor = Math.floor(span / stride[axis]) + 1;
      if (!ceil || halving) return floor;
      const extended = Math.ceil(span / stride[axis]) + 1;
      const startsInside = (extended - 1) * stride[axis] < (axis === 0 ? height : width) + padding[axis]!;
      return startsInside ? extended : extended - 1;
    };
    return {
      family: "max_pool",
      planes: rest.planes,
      size,
      stride,
      pad: [padding[0]!, padding[1]!, padding[2]!, padding[3]!],
      height,
      width,
      outHeight: out(0),
      outWidth: out(1),
      countIncludesPad: rest.countIncludesPad,
    };
  });

function check(spec: PoolKernel, x: Float32Array): void {
  const windows = windowsOf(spec);
  const cotangent = numbers(windows.length, 9);
  const maxima = windows.map(({ elements }) =>
    elements.reduce((best, element) => (x[element]! > x[best]! ? element : best), elements[0]!),
  );
  const maximumGradient = new Array<number>(x.length).fill(0);
  const averageGradient = new Array<number>(x.length).fill(0);
  for (const [index, { elements, divisor }] of windows.entries()) {
    maximumGradient[maxima[index]!]! += cotangent[index]!;
    for (const element of elements) averageGradient[element]! += cotangent[index]! / divisor;
  }
  const averages = windows.map(
    ({ elements, divisor }) => elements.reduce((sum, e) => sum + x[e]!, 0) / divisor,
  );
  checkKernel({ ...spec, family: "max_pool" }, [x], [maxima.map((element) => x[element]!)]);
  checkKernel({ ...spec, family: "avg_pool" }, [x], [averages]);
  checkKernel({ ...spec, family: "max_pool_gradient" }, [x, cotangent], [maximumGradient]);
  checkKernel({ ...spec, family: "avg_pool_gradient" }, [cotangent], [averageGradient]);
}

describe("pooling", () => {
  test("random windows", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        check(spec, numbers(spec.planes * spec.height * spec.width, 5));
      }),
      { seed: 4, numRuns: 150 },
    );
  });

  test("the first of equal maxima takes the gradient", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const values = numbers(spec.planes * spec.height * spec.width, 6);
        check(
          spec,
          values.map((value) => Math.round(value)),
        );
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test.each(["max_pool", "avg_pool"] as const)("a NaN stays a NaN in %s", (family) => {
    for (const size of [2, 3]) {
      const out = Math.floor((8 - size) / 2) + 1;
      const spec: PoolKernel = {
        family,
        planes: 1,
        size: [size, size],
        stride: [2, 2],
        pad: [0, 0, 0, 0],
        height: 8,
        width: 8,
        outHeight: out,
        outWidth: out,
        countIncludesPad: true,
      };
      const values = numbers(64, 1);
      values[9] = NaN;
      expect(runKernel(spec, [values], [out * out])[0]![0]).toBeNaN();
    }
  });
});
