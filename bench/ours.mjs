/** Tulle through its public API: compile a net, open a session on one thread. */
import { readFileSync } from "node:fs";
import { compile, createSession } from "../dist/index.js";
import * as resnet from "./resnet18.mjs";

const lenet = readFileSync(new URL("../dsl-examples/lenet.net", import.meta.url), "utf8");

/** For small images, and learning as the others do, by the gradient alone. */
const resnet18 = readFileSync(new URL("../dsl-examples/resnet18.net", import.meta.url), "utf8").replaceAll(
  "224",
  String(resnet.side),
);
const resnetSection = (rate) => `
  train bench {
    input image[N, 3, ${resnet.side}, ${resnet.side}]
    input label[N] in 0..${resnet.classes}
    logits = image -> ResNet18
    loss = cross_entropy(logits, label)
    minimize loss with sgd(lr=${rate})
  }`;

/** Optimizations to leave out: `ours.mjs?without=fuse-loops`. */
const without = new URL(import.meta.url).searchParams.getAll("without");

/** The net's one output. */
const outputOf = (outputs) => Object.values(outputs)[0].data;

/** Tulle as a contestant, on "cpu" or "webgpu". */
export function tulleOn(target) {
  /** A session of a program made from a source text. */
  async function open(source, entryPoints, weights) {
    const { program, diagnostics } = compile(source, { entryPoints, target, without });
    if (program === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
    return createSession(program, { weights });
  }

  return {
    prepare: async () => {},
    predictor: async (weights, batch) => {
      const session = await open(lenet, [{ kind: "predict", net: "LeNet5", batch }], weights);
      return async (images) => outputOf(await session.predict(images));
    },
    trainer: async (weights, batch, rate) => {
      const source = lenet.replace(/minimize loss with .*/, `minimize loss with sgd(lr=${rate})`);
      const session = await open(source, [{ kind: "step", section: "mnist", batch }], weights);
      return {
        step: async (image, label) => (await session.step("mnist", { image, label })).loss,
        parameters: async () =>
          Object.fromEntries([...(await session.weights())].map(([name, { data }]) => [name, data])),
      };
    },
    resnetPredictor: async (weights, batch) => {
      const session = await open(resnet18, [{ kind: "predict", net: "ResNet18", batch }], weights);
      return async (images) => outputOf(await session.predict(images));
    },
    resnetTrainer: async (weights, batch, rate) => {
      const source = resnet18 + resnetSection(rate);
      const session = await open(source, [{ kind: "step", section: "bench", batch }], weights);
      return {
        step: async (image, label) => (await session.step("bench", { image, label })).loss,
        parameters: async () =>
          Object.fromEntries([...(await session.weights())].map(([name, { data }]) => [name, data])),
      };
    },
    multiplier: async (weight, size) => {
      const source = `net Product: x[N, ${size}] -> [N, ${size}] { x -> dense(${size}, bias=false) as product }`;
      const weights = { "product.weight": { shape: [size, size], data: weight } };
      const session = await open(source, [{ kind: "predict", net: "Product", batch: size }], weights);
      return async (x) => outputOf(await session.predict(x));
    },
    convolver: async (weight, { channels, width, size, stride, side }) => {
      const pad = (size - 1) / 2;
      const source = `net Conv: x[N, ${channels}, ${side}, ${side}] -> [N, ${width}, ${side / stride}, ${side / stride}] {
        x -> conv(${width}, ${size}, stride=${stride}, pad=${pad}, bias=false) as conv
      }`;
      const weights = { "conv.weight": { shape: [width, channels, size, size], data: weight } };
      const session = await open(source, [{ kind: "predict", net: "Conv", batch: 1 }], weights);
      return async (x) => outputOf(await session.predict(x));
    },
  };
}

export const { prepare, predictor, trainer, resnetPredictor, resnetTrainer, multiplier } = tulleOn("cpu");
