/** Every net has PyTorch's parameters, by name, shape and order, and its layers give PyTorch's shapes. */
import { describe, expect, it } from "vitest";
import type { Application, NetModel } from "../../compiler/check/model.js";
import { evaluate } from "../../compiler/sizes/size.js";
import { type ModelFixture, modelCases, readModelFixture } from "./cases.js";
import { checkExample, trainableCount } from "./training.js";

/** PyTorch's modules and our layers; those that PyTorch calls as functions are in no fixture. */
const layerTypes: Readonly<Record<string, string>> = {
  Conv2d: "conv",
  ConvTranspose2d: "conv_transpose",
  Linear: "dense",
  BatchNorm2d: "batch_norm",
  MaxPool2d: "max_pool",
  ReLU: "relu",
  LeakyReLU: "leaky_relu",
  Tanh: "tanh",
};

function netOf(file: string, name: string): NetModel {
  const net = checkExample(file).nets.find((candidate) => candidate.name === name);
  if (net === undefined) throw new Error(`${file} has no net ${name}`);
  return net;
}

/** Layers in the order they run, with their names where they have parameters. */
function ourLayers(net: NetModel, fixture: ModelFixture): string[] {
  const types = new Set(fixture.layers.map(([, type]) => layerTypes[type]));
  const sizes = new Map([["N", fixture.input.shape[0]!]]);
  const line = ({ definition, layer, outputs }: Application): string => {
    const name = layer !== null && layer.parameters.length > 0 ? layer.path : "-";
    return `${name} ${definition} ${outputs[0]!.shape.map(({ size }) => evaluate(size, sizes)).join("x")}`;
  };
  return net.dataflow.applications
    .filter(({ definition, layer }) => types.has(definition) && layer?.path.startsWith("aux") !== true)
    .map(line);
}

function theirLayers(fixture: ModelFixture): string[] {
  const owners = new Set(fixture.parameters.map(({ name }) => name.slice(0, name.lastIndexOf("."))));
  return fixture.layers
    .filter(([, type]) => layerTypes[type] !== undefined)
    .map(([name, type, shape]) => `${owners.has(name) ? name : "-"} ${layerTypes[type]!} ${shape.join("x")}`);
}

describe.each(modelCases)("$net of $file", ({ fixture: name, file, net: netName }) => {
  const fixture = readModelFixture(name);
  const net = netOf(file, netName);

  it("has PyTorch's parameters", () => {
    const lines = (parameters: readonly { readonly name: string; readonly shape: readonly number[] }[]) =>
      parameters.map((parameter) => `${parameter.name} [${parameter.shape.join(", ")}]`);
    expect(lines(net.parameters.map(({ path, shape }) => ({ name: path, shape })))).toEqual(
      lines(fixture.parameters),
    );
    expect(trainableCount(net)).toBe(fixture.trainable);
  });

  it("has PyTorch's layers", () => {
    expect(ourLayers(net, fixture)).toEqual(theirLayers(fixture));
  });
});

/** torchvision 0.14's numbers of parameters, for what has no fixture. */
it.each([
  ["vgg19.net", "VGG19", 143_667_240, 38],
  ["resnet34.net", "ResNet34", 21_797_672, 182],
  ["resnet152.net", "ResNet152", 60_192_808, 777],
] as const)("%s: %s has %i trainable numbers", (file, name, count, tensors) => {
  const net = netOf(file, name);
  expect(trainableCount(net)).toBe(count);
  expect(net.parameters.length).toBe(tensors);
});

it("numbers the blocks of ResNet-152 as torchvision does", () => {
  const paths = netOf("resnet152.net", "ResNet152").layers.map(({ path }) => path);
  expect(paths).toContain("layer3.35.bn3");
  expect(paths).not.toContain("layer3.36.conv1");
  expect(paths.filter((path) => path.includes("downsample.0"))).toEqual([
    "layer1.0.downsample.0",
    "layer2.0.downsample.0",
    "layer3.0.downsample.0",
    "layer4.0.downsample.0",
  ]);
});
