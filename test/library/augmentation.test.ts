/** Augmentation does to images what it says, at random, and only in training. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { uniform } from "../../runtime/program/threefry.js";
import { expectClose, signedNumbers } from "../support/graphs.js";
import { type ApplyOptions, type TestOperand, apply } from "./apply.js";

const [batch, channels, height, width] = [5, 2, 8, 7] as const;
const image: TestOperand = { name: "x", shape: [batch, channels, height, width] };
const pixels = signedNumbers([batch, channels, height, width], 3);
const seed = 11;
const stream = 40;

/** The outputs of a definition for these values, at a step of the run. */
function run(
  name: string,
  settings: Readonly<Record<string, SettingValue>>,
  given: ReadonlyMap<string, Float64Array> = new Map([["x", pixels]]),
  operands: readonly TestOperand[] = [image],
  more: ApplyOptions & { readonly step?: number } = {},
) {
  const { builder, outputs } = apply(name, operands, settings, { stream, ...more });
  const named = outputs.map((value, index) => ({ name: String(index), value }));
  const graph = builder.finish(name, named, []);
  const result = evaluate(graph, { inputs: given, seed, variables: { step: more.step ?? 0 } });
  return {
    values: outputs.map((_, index) => result.outputs.get(String(index))!),
    shapes: outputs.map((output) => builder.shape(output)),
  };
}

/** The pixel of example n, or 0 outside the image. */
function at(
  values: Float64Array,
  n: number,
  c: number,
  i: number,
  j: number,
  h: number = height,
  w: number = width,
): number {
  if (i < 0 || j < 0 || i >= h || j >= w) return 0;
  return values[((n * channels + c) * h + i) * w + j]!;
}

/** Expects y[n, c, i, j] everywhere. */
function expectPixels(
  actual: Float64Array,
  rows: number,
  columns: number,
  expected: (n: number, c: number, i: number, j: number) => number,
): void {
  const wanted: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) wanted.push(expected(n, c, i, j));
  expectClose(actual, wanted, 1e-12, "image");
}

const draw = (offset: number, n: number, step = 0) => uniform(seed, stream + offset, n, step);

describe("in training mode", () => {
  it("random_crop cuts a window at a random place", () => {
    const pad = 2;
    for (const step of [0, 1]) {
      const { values } = run("random_crop", { size: [6, 7], pad }, undefined, undefined, { step });
      expectPixels(values[0]!, 6, 7, (n, c, i, j) => {
        const top = Math.floor(draw(0, n, step) * (height + 2 * pad - 6 + 1)) - pad;
        const left = Math.floor(draw(1, n, step) * (width + 2 * pad - 7 + 1)) - pad;
        return at(pixels, n, c, i + top, j + left);
      });
    }
  });

  it("random_shift moves images, each by itself", () => {
    const { values } = run("random_shift", { pixels: [3, 2] });
    expectPixels(values[0]!, height, width, (n, c, i, j) =>
      at(pixels, n, c, i + Math.floor(draw(0, n) * 7) - 3, j + Math.floor(draw(1, n) * 5) - 2),
    );
    expect(new Set(Array.from({ length: batch }, (_, n) => Math.floor(draw(0, n) * 7))).size).toBeGreaterThan(
      1,
    );
  });

  it("random_flip mirrors some images", () => {
    const { values } = run("random_flip", {});
    const mirrored = Array.from({ length: batch }, (_, n) => draw(0, n) < 0.5);
    expect(new Set(mirrored).size).toBe(2);
    expectPixels(values[0]!, height, width, (n, c, i, j) =>
      at(pixels, n, c, i, mirrored[n]! ? width - 1 - j : j),
    );
  });

  it("random_rotate turns a slope into the turned slope", () => {
    const size = 24;
    const slope = (i: number, j: number) => 3 * (i - (size - 1) / 2) - 2 * (j - (size - 1) / 2);
    const plane = Float64Array.from({ length: 4 * size * size }, (_, at) =>
      slope(Math.floor(at / size) % size, at % size),
    );
    const operands = [{ name: "x", shape: [4, 1, size, size] }];
    const { values } = run("random_rotate", { degrees: 30 }, new Map([["x", plane]]), operands);
    for (let n = 0; n < 4; n++) {
      const angle = ((2 * draw(0, n) - 1) * 30 * Math.PI) / 180;
      for (let i = 8; i < 16; i++) {
        for (let j = 8; j < 16; j++) {
          const [y, x] = [i - (size - 1) / 2, j - (size - 1) / 2];
          const [fromY, fromX] = [
            y * Math.cos(angle) - x * Math.sin(angle),
            y * Math.sin(angle) + x * Math.cos(angle),
          ];
          expect(values[0]![(n * size + i) * size + j]).toBeCloseTo(3 * fromY - 2 * fromX, 9);
        }
      }
    }
  });

  it("color_jitter blends with black, with the mean grey, and with the pixel's grey", () => {
    const colours = signedNumbers([2, 3, 2, 2], 5).map((value) => 0.5 + 0.25 * value);
    const operands = [{ name: "x", shape: [2, 3, 2, 2] }];
    const given = new Map([["x", colours]]);
    const grey = (n: number, p: number, from: Float64Array) =>
      0.299 * from[n * 12 + p]! + 0.587 * from[n * 12 + 4 + p]! + 0.114 * from[n * 12 + 8 + p]!;
    const factor = (offset: number, n: number) => 0.9 + 0.2 * draw(offset, n);
    const bright = colours.map((value, index) => factor(0, Math.floor(index / 12)) * value);
    const contrast = colours.map((value, index) => {
      const n = Math.floor(index / 12);
      const mean = [0, 1, 2, 3].reduce((total, p) => total + grey(n, p, colours), 0) / 4;
      return factor(1, n) * value + (1 - factor(1, n)) * mean;
    });
    const saturation = colours.map((value, index) => {
      const n = Math.floor(index / 12);
      return factor(2, n) * value + (1 - factor(2, n)) * grey(n, index % 4, colours);
    });
    const jitter = (settings: Readonly<Record<string, SettingValue>>) =>
      run("color_jitter", settings, given, operands).values[0]!;
    expectClose(jitter({ brightness: 0.1 }), bright, 1e-12, "brightness");
    expectClose(jitter({ brightness: 0, contrast: 0.1 }), contrast, 1e-12, "contrast");
    expectClose(jitter({ brightness: 0, saturation: 0.1 }), saturation, 1e-12, "saturation");
  });

  it("cutout covers one square", () => {
    const size = 3;
    const { values } = run("cutout", { size });
    expectPixels(values[0]!, height, width, (n, c, i, j) => {
      const top = Math.floor(draw(0, n) * height) - 1;
      const left = Math.floor(draw(1, n) * width) - 1;
      const isCovered = i >= top && i < top + size && j >= left && j < left + size;
      return isCovered ? 0 : at(pixels, n, c, i, j);
    });
  });

  it("mixup mixes neighbours and their labels in one proportion", () => {
    const operands: TestOperand[] = [
      { name: "image", shape: [3, 2] },
      { name: "label", shape: [3], dataType: "i32", limit: 4 },
    ];
    const given = new Map([
      ["image", Float64Array.of(1, 2, 3, 4, 5, 6)],
      ["label", Float64Array.of(0, 3, 1)],
    ]);
    const shares: number[] = [];
    for (let step = 0; step < 400; step++) {
      const { values, shapes } = run("mixup", { alpha: 0.5 }, given, operands, { step });
      expect(shapes).toEqual([
        [3, 2],
        [3, 4],
      ]);
      const [image0, label] = values;
      const share = label![0]!;
      shares.push(share);
      const mixed = (a: number, b: number) => share * a + (1 - share) * b;
      expectClose(
        image0!,
        [mixed(1, 3), mixed(2, 4), mixed(3, 5), mixed(4, 6), mixed(5, 1), mixed(6, 2)],
        1e-12,
        "image",
      );
      expectClose(
        label!,
        [share, 0, 0, 1 - share, 0, 1 - share, 0, share, 1 - share, share, 0, 0],
        1e-12,
        "label",
      );
    }
    // Beta(1/2, 1/2) has mean 1/2 and variance 1/8.
    const mean = shares.reduce((total, share) => total + share) / shares.length;
    const variance = shares.reduce((total, share) => total + (share - mean) ** 2, 0) / shares.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance).toBeCloseTo(0.125, 1);
  });

  it("dropout drops a part, and scales the rest", () => {
    const { values } = run("dropout", { p: 0.25 });
    values[0]!.forEach((value, index) => {
      const expected = draw(0, index) < 0.25 ? 0 : pixels[index]! / 0.75;
      expect(value).toBeCloseTo(expected, 12);
    });
    expect(run("dropout", { p: 1 }).values[0]!.every((value) => value === 0)).toBe(true);
  });
});

describe("in inference mode", () => {
  const unchangedWords: readonly (readonly [string, Readonly<Record<string, SettingValue>>])[] = [
    ["random_shift", { pixels: 3 }],
    ["random_flip", {}],
    ["random_rotate", { degrees: 30 }],
    ["color_jitter", { brightness: 0.5, contrast: 0.5 }],
    ["cutout", { size: 3 }],
    ["dropout", { p: 0.5 }],
  ];
  it.each(unchangedWords)("%s changes nothing", (name, settings) => {
    const { values } = run(name, settings, undefined, undefined, { mode: "inference" });
    expect(values[0]).toEqual(pixels);
  });

  it("random_crop takes the middle", () => {
    const { values } = run("random_crop", { size: [6, 5] }, undefined, undefined, { mode: "inference" });
    expectPixels(values[0]!, 6, 5, (n, c, i, j) => at(pixels, n, c, i + 1, j + 1));
  });
});
