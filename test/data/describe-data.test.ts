/** What `tulle data` knows of a data set. */
import { describe, expect, it } from "vitest";
import { describeData } from "../../runtime/data/describe-data.js";
import type { Dataset } from "../../runtime/data/dataset.js";
import { readImageFolder } from "../../runtime/data/read-image-folder.js";
import { pnm } from "../support/images.js";
import { messageOf } from "../support/user-error.js";

describe("facts about data", () => {
  it("of images: sizes, range, and means and deviations over all their pixels", () => {
    const facts = describeData(
      readImageFolder("photos", [
        { path: "a/1.ppm", bytes: pnm(1, 1, [0, 51, 255]) },
        { path: "b/1.pgm", bytes: pnm(3, 1, [51, 51, 51]) },
      ]),
    );
    const [image, label] = facts.splits[0]!.arrays;
    expect(image).toMatchObject({ kind: "images", range: [0, 1], notFinite: 0, classes: null });
    expect(image!.sizes?.map(({ width, height }) => [width, height])).toEqual([
      [1, 1],
      [3, 1],
    ]);
    const { mean, deviation } = image!.normalization!;
    // Red 0 and three times 0.2; green always 0.2; blue 1 and three times 0.2.
    [0.15, 0.2, 0.4].forEach((value, c) => expect(mean[c]).toBeCloseTo(value, 12));
    [0.2 * Math.sqrt(3 / 16), 0, 0.8 * Math.sqrt(3 / 16)].forEach((value, c) =>
      expect(deviation[c]).toBeCloseTo(value, 12),
    );
    expect(label!.classes).toEqual([
      { label: 0, name: "a", count: 1 },
      { label: 1, name: "b", count: 1 },
    ]);
  });

  it("of numbers: by column, with those counted that are none", () => {
    const values = { kind: "numbers", data: Float32Array.of(1, 10, 3, NaN) } as const;
    const dataset: Dataset = {
      name: "toy",
      train: { name: "train", count: 2, arrays: [{ name: "x", source: "toy", shape: [2], values }] },
      validation: null,
      test: null,
      notes: [],
    };
    expect(describeData(dataset).splits[0]!.arrays[0]).toEqual({
      ...{ name: "x", kind: "numbers", shape: [2], sizes: null, classes: null },
      ...{ range: [1, 10], notFinite: 1, normalization: { mean: [2, 10], deviation: [1, 0] } },
    });
  });

  it("are not to be had of images that are damaged", () => {
    const cut = { path: "1.ppm", bytes: new TextEncoder().encode("P3 1 1 9 1 2 3") };
    const broken = { path: "2.ppm", bytes: new TextEncoder().encode("P3 1 1 9 1 2 x") };
    expect(messageOf(() => describeData(readImageFolder("photos", [cut, broken])))).toBe(
      "2.ppm: a pixel should be a whole number below 1000000, but there is something else (byte 13)",
    );
  });
});
