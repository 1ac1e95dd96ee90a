/** Weights as pictures: which numbers of a matrix stand in which picture, and what does not fit. */
import { describe, expect, it } from "vitest";
import { type WeightPictureOptions, weightPictures } from "../../runtime/inspect/weight-pictures.js";
import { featurePicture } from "../../runtime/inspect/feature-pictures.js";
import { adviceOf, messageOf } from "../support/user-error.js";

function tensor(shape: readonly number[], value: (at: number) => number = (at) => at) {
  const length = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length }, (_, at) => value(at)) };
}

describe("weights as pictures", () => {
  it("are the rows of a matrix with as many columns as pixels", () => {
    const { pictures, of } = weightPictures(
      "fc.weight",
      tensor([3, 16], (at) => (at < 16 ? -1 : at < 32 ? 0 : 1)),
    );
    expect(of).toBe("rows");
    expect(pictures.map(({ width, height, pixels }) => [width, height, pixels[0]])).toEqual([
      [4, 4, 0],
      [4, 4, 128],
      [4, 4, 255],
    ]);
  });

  it("are its columns where the rows are the pixels", () => {
    const { pictures, of } = weightPictures(
      "fc.weight",
      tensor([6, 2], (at) => (at % 2 === 0 ? 1 : Math.floor(at / 2))),
      {
        as: [2, 3],
      },
    );
    expect(of).toBe("columns");
    expect([...pictures[0]!.pixels]).toEqual([255, 255, 255, 255, 255, 255]);
    expect([...pictures[1]!.pixels]).toEqual(
      [0, 1, 2, 3, 4, 5].map((value) => Math.round((255 * (value + 5)) / 10)),
    );
  });

  it("take the larger square when nothing is said", () => {
    expect(weightPictures("w", tensor([4096, 64])).pictures).toHaveLength(64);
    expect(weightPictures("w", tensor([64, 4096])).pictures).toHaveLength(64);
  });

  it("are filters, in colour for three channels and apart for others", () => {
    const colour = weightPictures("conv.weight", tensor([2, 3, 5, 4]));
    expect(colour).toMatchObject({ of: "filters", group: 1, areColour: true });
    expect(colour.pictures.map(({ width, height, channels }) => [width, height, channels])).toEqual([
      [4, 5, 3],
      [4, 5, 3],
    ]);
    expect(weightPictures("conv.weight", tensor([2, 6, 3, 3]))).toMatchObject({ group: 6, areColour: false });
  });

  it("have a contrast of their own, or one in common", () => {
    const weights = tensor([2, 16], (at) => (at === 0 ? 1 : at === 16 ? 4 : 0));
    const brightest = (options: WeightPictureOptions) =>
      weightPictures("w", weights, options).pictures.map(({ pixels }) => pixels[0]);
    expect(brightest({ contrast: "each" })).toEqual([255, 255]);
    expect(brightest({ contrast: "common" })).toEqual([159, 255]);
  });

  it("say which shapes would fit", () => {
    const refusal = (shape: readonly number[], options: WeightPictureOptions = {}) => {
      const draw = () => weightPictures("fc1.weight", tensor(shape), options);
      return `${messageOf(draw)}\n${adviceOf(draw)}`;
    };
    expect(refusal([10, 784], { as: [20, 20] })).toBe(
      "fc1.weight is [10, 784]: 10 rows of 784 numbers; 20x20 is 400\n" +
        "These fit: --as 28x28 or 16x49, or 2x5",
    );
    expect(refusal([7, 6])).toContain("which pictures they are must be said");
    expect(refusal([6, 1, 5, 5], { as: [3, 3] })).toContain("are 5x5, and not 3x3");
    expect(refusal([8])).toContain("dense layers and convolutions");
    expect(refusal([100, 60, 3, 3])).toContain("6000 pictures");
  });
});

describe("feature maps", () => {
  it("are black where nothing is found, and white at the largest value of their channel", () => {
    const picture = featurePicture({ shape: [1, 2, 1, 2], data: Float32Array.of(0, 2, 5, 0) });
    const at = (x: number): number => picture.pixels[2 * picture.width + x]!;
    const cell = (picture.width - 6) / 2;
    expect([at(2), at(2 + cell - 1), at(4 + cell), at(4 + 2 * cell - 1)]).toEqual([0, 255, 255, 0]);
  });

  it("are coloured cells where a layer has no rows and columns", () => {
    expect(featurePicture({ shape: [1, 3], data: Float32Array.of(-1, 0, 1) })).toMatchObject({ channels: 3 });
  });
});
