/** Tulle through its public API: compile a net, open a session on one thread. */
import { readFileSync } from "node:fs";
import { compile, createSession } from "../dist/index.js";

const lenet = readFileSync(new URL("../dsl-examples/lenet.net", import.meta.url), "utf8");

export async function prepare() {}

/** A session of a program made from a source text. */
async function open(source, entryPoints, weights) {
  const { program, diagnostics } = compile(source, { entryPoints });
  if (program === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return createSession(program, { weights });
}

/** The net's one output. */
const outputOf = (outputs) => Object.values(outputs)[0].data;

export async function predictor(weights, batch) {
  const session = await open(lenet, [{ kind: "predict", net: "LeNet5", batch }], weights);
  return async (images) => outputOf(await session.predict(images));
}

export async function trainer(weights, batch, rate) {
  const source = lenet.replace(/minimize loss with .*/, `minimize loss with sgd(lr=${rate})`);
  const session = await open(source, [{ kind: "step", section: "mnist", batch }], weights);
  return {
    step: async (image, label) => (await session.step("mnist", { image, label })).loss,
    parameters: async () =>
      Object.fromEntries([...(await session.weights())].map(([name, { data }]) => [name, data])),
  };
}

export async function multiplier(weight, size) {
  const source = `net Product: x[N, ${size}] -> [N, ${size}] { x -> dense(${size}, bias=false) as product }`;
  const weights = { "product.weight": { shape: [size, size], data: weight } };
  const session = await open(source, [{ kind: "predict", net: "Product", batch: size }], weights);
  return async (x) => outputOf(await session.predict(x));
}
