import { describe, expect, it } from "vitest";
import type { DataArray, Dataset } from "../../runtime/data/dataset.js";
import { matchInputs, type InputDeclaration } from "../../runtime/data/match-inputs.js";
import { adviceOf, messageOf } from "../support/user-error.js";

const image: DataArray = {
  name: "image",
  source: "train-images-idx3-ubyte.gz",
  shape: [1, 2, 3],
  values: { kind: "pixels", data: new Uint8Array(3 * 6) },
};
const labels = (...values: number[]): DataArray => ({
  name: "label",
  source: "train-labels-idx1-ubyte.gz",
  shape: [],
  values: { kind: "integers", data: Int32Array.from(values) },
});
const numbers = (name: string, shape: number[], ...values: number[]): DataArray => ({
  name,
  source: "toy.npz",
  shape,
  values: { kind: "numbers", data: Float32Array.from(values) },
});
const dataset = (...arrays: DataArray[]): Dataset => ({
  name: "data",
  train: { name: "train", count: 3, arrays },
  validation: null,
  test: null,
  notes: [],
});
const input = (
  name: string,
  shape: number[],
  dataType: "f32" | "i32" = "f32",
  limit: number | null = null,
): InputDeclaration => ({ name, shape, dataType, limit });

const imageInput = input("image", [1, 2, 3]);
const labelInput = input("label", [], "i32", 10);
const mnist = dataset(image, labels(7, 9, 0));

describe("matching inputs", () => {
  it("goes by name, in the inputs' order, without a word", () => {
    const { train, test, notes } = matchInputs([labelInput, imageInput], mnist);
    expect(train.columns.map(({ input: { name }, size }) => [name, size])).toEqual([
      ["label", 1],
      ["image", 6],
    ]);
    expect([test, notes]).toEqual([null, []]);
  });

  it("goes by order otherwise, and says so", () => {
    const { train, notes } = matchInputs([input("x", [6]), input("target", [], "i32", 10)], mnist);
    expect(train.columns.map(({ values }) => values.kind)).toEqual(["pixels", "integers"]);
    expect(notes).toEqual([
      "By their order, as no array has the name: input x takes image, input target takes label.",
      "One example of image is [1, 2, 3], read as [6] for input x.",
    ]);
  });

  it("passes over an array that cannot be meant", () => {
    const { notes } = matchInputs([input("target", [], "i32", 10)], mnist);
    expect(notes).toEqual([
      "By their order, as no array has the name: input target takes label.",
      "Not used: image.",
    ]);
  });

  it("takes [600, 1] and [600] for the same labels, and whole floats for integers", () => {
    const data = dataset(numbers("x", [2], 1, 2, 3, 4, 5, 6), numbers("y", [1], 0, 1, 1));
    expect(matchInputs([input("x", [2]), input("y", [], "i32", 2)], data).notes).toEqual([]);
  });

  it.each<[string, InputDeclaration[], Dataset, string, string]>([
    [
      "labels beyond the range",
      [imageInput, input("label", [], "i32", 9)],
      mnist,
      "input label is declared in 0..9, the whole numbers 0 to 8, " +
        "but label (train-labels-idx1-ubyte.gz) has 9 at example 1",
      "The largest one is 9, and ranges leave their end out: write in 0..10, with a net that has 10 outputs.",
    ],
    [
      "negative labels",
      [labelInput],
      dataset(labels(0, -1, 1)),
      "input label is declared in 0..10, the whole numbers 0 to 9, " +
        "but label (train-labels-idx1-ubyte.gz) has -1 at example 1",
      "Labels count from 0; number the classes 0, 1, 2, ...",
    ],
    [
      "labels with a fraction",
      [input("y", [], "i32", 2)],
      dataset(numbers("y", [], 0, 0.5, 1)),
      "input y takes whole numbers, but y (toy.npz) has 0.5 at example 1",
      "To predict real numbers, declare the input without a range: input y[N].",
    ],
    [
      "images of another size",
      [input("image", [1, 32, 32])],
      mnist,
      "input image needs 1024 numbers per example, [N, 1, 32, 32], " +
        "but image (train-images-idx3-ubyte.gz) has 6: [N, 1, 2, 3]",
      "Declare the input as the data are: input image[N, 1, 2, 3], and the net's input likewise.",
    ],
    [
      "one-hot labels",
      [input("y", [], "i32", 3)],
      dataset(numbers("y", [3], 1, 0, 0, 0, 1, 0, 0, 0, 1)),
      "input y needs one number per example, [N], but y (toy.npz) has 3: [N, 3]",
      "Labels are one whole number per example, not one-hot vectors.",
    ],
    [
      "images as labels",
      [input("image", [1, 2, 3], "i32", 10)],
      mnist,
      "input image takes whole numbers, but image (train-images-idx3-ubyte.gz) holds images",
      "Labels are an array with one whole number per example.",
    ],
    [
      "too few arrays",
      [input("x", [6]), input("y", [], "i32", 10), input("weight", [])],
      mnist,
      "there are no data for input weight [N]: data has image [N, 1, 2, 3], label [N], and each feeds one input",
      "Inputs take the array of their own name, and otherwise the arrays in order.",
    ],
    [
      "gaps",
      [input("x", [1])],
      dataset(numbers("x", [1], 0, NaN, 1)),
      "x (toy.npz), the data of input x, has NaN at example 1",
      "One such number spreads to everything that is computed from it; remove the example or fill the gap.",
    ],
  ])("explains %s", (_, inputs, data, message, advice) => {
    expect(messageOf(() => matchInputs(inputs, data))).toBe(message);
    expect(adviceOf(() => matchInputs(inputs, data))).toBe(advice);
  });

  it("looks at the test data too", () => {
    const test = { name: "test" as const, count: 1, arrays: [labels(12)] };
    const data = { ...dataset(labels(1, 2, 3)), test };
    expect(messageOf(() => matchInputs([labelInput], data))).toContain("has 12 at example 0");
  });
});
