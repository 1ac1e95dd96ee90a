/** The architectures of the literature have the parameters that torchvision gives them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { library } from "../../compiler/library/index.js";
import { checkFile, here, netOf } from "./support.js";

interface Fixture {
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly trainable: number;
}

/** Each net's file, the fixture it must agree with, and words it needs. */
const nets: readonly (readonly [file: string, net: string, fixture: string, inOrder: boolean])[] = [
  ["lenet5.net", "LeNet5", "lenet5", true],
  ["alexnet.net", "AlexNet", "alexnet", true],
  ["vgg11.net", "VGG11", "vgg11", true],
  ["vgg16.net", "VGG16", "vgg16", true],
  ["resnet18.net", "ResNet18", "resnet18", true],
  ["resnet50.net", "ResNet50", "resnet50", true],
  ["googlenet.net", "GoogLeNet", "googlenet", false],
  ["autoencoder.net", "Autoencoder", "autoencoder", true],
  ["mnist_resnet_tied.net", "TiedResNet", "mnist_resnet_tied", true],
  ["dcgan.net", "Generator", "dcgan_generator", true],
  ["dcgan.net", "Discriminator", "dcgan_discriminator", true],
];

describe("parameters", () => {
  it.each(nets)("%s %s", (file, name, fixtureName, inOrder) => {
    const path = join(here, "../fixtures/models", `${fixtureName}.json`);
    const fixture = JSON.parse(readFileSync(path, "utf8")) as Fixture;
    const net = netOf(checkFile("nets", file), name);
    const lines = (
      parameters: readonly { readonly name: string; readonly shape: readonly number[] }[],
    ): string[] => {
      const all = parameters.map((parameter) => `${parameter.name} [${parameter.shape.join(", ")}]`);
      return inOrder ? all : all.sort();
    };
    expect(lines(net.parameters.map(({ path: inNet, shape }) => ({ name: inNet, shape })))).toEqual(
      lines(fixture.parameters),
    );
    const trained = net.parameters.filter(({ role }) => role === "parameter");
    const count = trained.reduce(
      (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
      0,
    );
    expect(count).toBe(fixture.trainable);
  });

  it("has the words that these nets use", () => {
    for (const word of ["conv_transpose", "adaptive_avg_pool", "global_avg_pool"]) {
      expect(library.has(word), word).toBe(true);
    }
  });
});
