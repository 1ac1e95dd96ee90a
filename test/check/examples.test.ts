/** The examples that have no fixture have the parameters of torchvision, or of the paper. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { NetModel } from "../../compiler/check/model.js";
import { checkText, netOf, rendered } from "./support.js";

function exampleNet(file: string): NetModel {
  const text = readFileSync(new URL(`../../dsl-examples/${file}`, import.meta.url), "utf8");
  return netOf(checkText(text));
}

function trainedCount(net: NetModel): number {
  return net.parameters
    .filter(({ role }) => role === "parameter")
    .reduce((total, { shape }) => total + shape.reduce((product, size) => product * size, 1), 0);
}

/** The shapes of the weights with these names; null where there is none. */
function shapesOf(net: NetModel, names: readonly string[]): readonly (readonly number[] | null)[] {
  const shapes = new Map(net.parameters.map(({ path, shape }) => [path, shape]));
  return names.map((name) => shapes.get(name) ?? null);
}

/** Counts of trained numbers and of tensors, and some names with shapes, as torchvision's modules have them. */
const examples = [
  {
    file: "densenet.net",
    trained: 7_978_856,
    tensors: 727 - 121,
    weights: {
      "features.conv0.weight": [64, 3, 7, 7],
      "features.norm0.running_var": [64],
      "features.denseblock1.denselayer1.norm1.weight": [64],
      "features.denseblock1.denselayer6.conv1.weight": [128, 224, 1, 1],
      "features.transition1.norm.bias": [256],
      "features.transition3.conv.weight": [512, 1024, 1, 1],
      "features.denseblock4.denselayer16.conv2.weight": [32, 128, 3, 3],
      "features.norm5.weight": [1024],
      "classifier.bias": [1000],
    },
  },
  {
    file: "mobilenet.net",
    trained: 3_504_872,
    tensors: 314 - 52,
    weights: {
      "features.0.0.weight": [32, 3, 3, 3],
      "features.0.1.running_mean": [32],
      "features.1.conv.0.0.weight": [32, 1, 3, 3],
      "features.1.conv.1.weight": [16, 32, 1, 1],
      "features.1.conv.2.bias": [16],
      "features.2.conv.0.0.weight": [96, 16, 1, 1],
      "features.2.conv.1.0.weight": [96, 1, 3, 3],
      "features.17.conv.2.weight": [320, 960, 1, 1],
      "features.17.conv.3.weight": [320],
      "features.18.0.weight": [1280, 320, 1, 1],
      "classifier.1.weight": [1000, 1280],
    },
  },
  {
    file: "unet.net",
    trained: 31_030_658,
    tensors: 46,
    weights: {
      "down1.0.weight": [64, 1, 3, 3],
      "bottom.2.weight": [1024, 1024, 3, 3],
      "up4.up.weight": [1024, 512, 2, 2],
      "up1.double.0.weight": [64, 128, 3, 3],
      "head.weight": [2, 64, 1, 1],
    },
  },
] as const;

describe("parameters of examples", () => {
  it.each(examples)("$file", ({ file, trained, tensors, weights }) => {
    const net = exampleNet(file);
    expect(trainedCount(net)).toBe(trained);
    // torchvision counts batches beside each batch norm; that number is left out here.
    expect(net.parameters.length).toBe(tensors);
    expect(shapesOf(net, Object.keys(weights))).toEqual(Object.values(weights));
  });
});

describe("examples of the page about the language", () => {
  const page = readFileSync(new URL("../../docs/language.md", import.meta.url), "utf8");
  const texts = [...page.matchAll(/^```\n(.*?)^```$/gms)].map(([, text = ""]) => text);

  it("are found", () => {
    expect(texts.length).toBeGreaterThan(1);
  });

  it.each(texts)("%#", (text) => {
    expect(rendered(checkText(text))).toBe("");
  });
});
