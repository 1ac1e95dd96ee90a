import { expect, test } from "vitest";
import { closest, editDistance } from "../../compiler/diagnostics/suggest.js";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["conv", "covn", 1],
  ["ca", "abc", 3],
  ["relu", "relu", 0],
])("the distance of %j and %j is %i", (left, right, distance) => {
  expect(editDistance(left, right)).toBe(distance);
  expect(editDistance(right, left)).toBe(distance);
});

const words = ["conv", "conv_transpose", "dense", "batch_norm", "layer_norm", "relu", "elu", "max_pool"];

test.each([
  ["covn", "conv"],
  ["Conv", "conv"],
  ["batchnorm", "batch_norm"],
  ["BatchNorm", "batch_norm"],
  ["maxpool", "max_pool"],
  ["desne", "dense"],
  ["rlu", "relu"],
  ["transformer", null],
  ["x", null],
  ["", null],
  ["a".repeat(100_000), null],
])("%s was meant to be %s", (name, expected) => {
  expect(closest(name, words)).toBe(expected);
});

test("a name is never its own correction, and short names are not mixed up", () => {
  expect(closest("conv", ["conv"])).toBeNull();
  expect(closest("a", ["b", "c"])).toBeNull();
  expect(closest("N", ["n"])).toBe("n");
});
