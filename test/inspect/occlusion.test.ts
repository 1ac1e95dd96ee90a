/** Occlusion against nets whose answer is known: they look at one pixel, and nowhere else. */
import { describe, expect, it } from "vitest";
import { occlusionMap, patchStarts, sensitivity } from "../../runtime/inspect/occlusion.js";
import { classProbabilities } from "../../runtime/inspect/probabilities.js";

const shape = [1, 6, 8];
const looksAt = { row: 2, column: 5 };

/** The probability is the pixel's own value. */
function onePixel(images: Float32Array, count: number): Promise<number[]> {
  const size = images.length / count;
  return Promise.resolve(
    Array.from({ length: count }, (_, index) => images[index * size + looksAt.row * 8 + looksAt.column]!),
  );
}

const image = { shape, data: new Float32Array(48).fill(0.9) };
const settings = { size: 3, stride: 1, fill: 0.1, batch: 7 };

describe("occlusion", () => {
  it("lowers the probability exactly where the patch covers what the net looks at", async () => {
    const { rows, columns, probabilities, uncovered } = await occlusionMap(image, settings, onePixel);
    expect([rows, columns]).toEqual([4, 6]);
    expect(uncovered).toBeCloseTo(0.9);
    const covered = [...probabilities].map((value) => value < 0.5);
    const expected = Array.from({ length: rows * columns }, (_, at) => {
      const [y, x] = [Math.floor(at / columns), at % columns];
      return y <= looksAt.row && looksAt.row < y + 3 && x <= looksAt.column && looksAt.column < x + 3;
    });
    expect(covered).toEqual(expected);
  });

  it("gives the same for any batch", async () => {
    const one = await occlusionMap(image, settings, onePixel);
    expect(await occlusionMap(image, { ...settings, batch: 1 }, onePixel)).toEqual(one);
    expect(await occlusionMap(image, { ...settings, batch: 100 }, onePixel)).toEqual(one);
  });

  it("blames the pixel itself most, and pixels far from it not at all", async () => {
    const map = await occlusionMap(image, settings, onePixel);
    const matters = sensitivity(shape, map, settings);
    expect(matters[looksAt.row * 8 + looksAt.column]).toBe(Math.max(...matters));
    expect(matters[0]).toBe(0);
    expect(matters[looksAt.row * 8 + looksAt.column]).toBeCloseTo(0.8);
  });

  it("covers all channels, the ends too, whatever the stride", async () => {
    expect(patchStarts(28, 7, 2)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 21]);
    expect(patchStarts(8, 3, 4)).toEqual([0, 4, 5]);
    expect(patchStarts(3, 3, 9)).toEqual([0]);
    const sum = (images: Float32Array, count: number) =>
      Promise.resolve(
        Array.from({ length: count }, (_, index) =>
          images.subarray(index * 18, index * 18 + 18).reduce((total, value) => total + value, 0),
        ),
      );
    const colour = { shape: [2, 3, 3], data: new Float32Array(18).fill(1) };
    const map = await occlusionMap(colour, { size: 3, stride: 2, fill: 0, batch: 4 }, sum);
    expect([...map.probabilities]).toEqual([0]);
  });
});

describe("probabilities", () => {
  it("are a softmax of scores, which no size of score overflows", () => {
    const [first, second] = classProbabilities([1000, 1000], "scores");
    expect([first, second]).toEqual([0.5, 0.5]);
    expect(classProbabilities([0.2, 0.8], "probabilities")).toEqual(Float64Array.of(0.2, 0.8));
  });

  it("take one number for the second of two classes", () => {
    expect(classProbabilities([0], "scores")).toEqual(Float64Array.of(0.5, 0.5));
    expect(classProbabilities([0.75], "probabilities")).toEqual(Float64Array.of(0.25, 0.75));
  });
});
