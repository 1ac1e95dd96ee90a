/** Whole training steps by compiled programs, against PyTorch: every optimizer, and two nets that learn from each other. */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import { optimizerState } from "../../compiler/lower/optimizer.js";
import { lowerStep } from "../../compiler/lower/section.js";
import { createSession, type Session } from "../../runtime/session.js";
import type { NamedTensors, TensorLike } from "../../runtime/tensor.js";
import { type Digest, expectDigest, readFixture } from "../support/fixtures.js";
import { fill } from "../support/fill.js";
import { readModelFixture } from "./cases.js";
import { weightsOf } from "./compare.js";
import { checkExample } from "./training.js";

type Digests = Readonly<Record<string, Digest>>;

const { optimizers, dcgan } = readFixture("training.json") as {
  readonly optimizers: {
    readonly cases: Readonly<Record<string, { readonly losses: readonly number[]; readonly after: Digests }>>;
  };
  readonly dcgan: {
    readonly steps: readonly { readonly discriminator: number; readonly generator: number }[];
    readonly after: { readonly G: Digests; readonly D: Digests };
  };
};

/** A session for an example with a section of its own behind it. */
async function sessionWith(
  file: string,
  section: string,
  batch: number,
  weights: NamedTensors<TensorLike>,
): Promise<Session> {
  const model = checkExample(file, sectionText(section));
  const program = compileModel(model, { entryPoints: [{ kind: "step", section: "fixture", batch }] });
  return createSession(program, { weights });
}

function sectionText(lines: string): string {
  return `\ntrain fixture {\n${lines}\n}\n`;
}

function isFixture({ name }: { readonly name: string }): boolean {
  return name === "fixture";
}

function expectLoss(actual: number, expected: number, tolerance: number, what: string): void {
  expect(Math.abs(actual - expected), what).toBeLessThanOrEqual(tolerance * expected);
}

describe("six steps of LeNet-5 with", () => {
  const batch = 8;
  const image = Float32Array.from(fill({ shape: [batch, 1, 28, 28], kind: "signed", seed: 1000 }));
  const label = Int32Array.from({ length: batch }, (_, index) => (7 * index + 3) % 10);

  it.each(Object.entries(optimizers.cases))("%s", async (optimizer, { losses, after }) => {
    const section = `
      input image[N, 1, 28, 28]
      input label[N] in 0..10
      loss = cross_entropy(image -> LeNet5, label)
      minimize loss with ${optimizer}`;
    const session = await sessionWith("lenet.net", section, batch, weightsOf(readModelFixture("lenet5")));
    for (const [step, expected] of losses.entries()) {
      const { loss } = await session.step("fixture", { image, label });
      expectLoss(loss, expected, 1e-4, `the loss of step ${String(step)}`);
    }
    const weights = await session.weights();
    session.dispose();
    for (const [name, digest] of Object.entries(after)) {
      expectDigest(Float64Array.from(weights.get(name)!.data), digest, 1e-4, name);
    }
  });
});

describe("three adversarial steps of DCGAN", () => {
  const batch = 4;
  const section = `
    input real[N, 3, 64, 64]
    input z[N, 100]
    fake = z -> Generator
    step discriminate {
      loss = bce_with_logits(real -> Discriminator, 1) + bce_with_logits(fake -> detach -> Discriminator, 0)
      minimize loss over Discriminator with adam(lr=2e-4, beta1=0.5)
    }
    step generate {
      loss = bce_with_logits(fake -> Discriminator, 1)
      minimize loss over Generator with adam(lr=2e-4, beta1=0.5)
    }`;
  const order = [
    ["discriminate", "discriminator"],
    ["generate", "generator"],
  ] as const;
  const nets = [
    ["Generator", "dcgan_generator", dcgan.after.G],
    ["Discriminator", "dcgan_discriminator", dcgan.after.D],
  ] as const;
  const inputsOf = (step: number) => ({
    real: fill({ shape: [batch, 3, 64, 64], kind: "signed", seed: 3000 + step }),
    z: fill({ shape: [batch, 100], kind: "signed", seed: 4000 + step }),
  });

  // Far above what it takes on a busy machine: tests judge answers, never its speed.
  it("by the evaluator, in float64", () => {
    const fixture = checkExample("dcgan.net", sectionText(section)).sections.find(isFixture)!;
    const graphs = fixture.steps.map((step) => lowerStep(fixture, step, new Map([["N", batch]])));
    const buffers = new Map<string, Float64Array>();
    for (const [net, name] of nets) {
      for (const parameter of readModelFixture(name).parameters) {
        buffers.set(`${net}.${parameter.name}`, fill(parameter));
      }
    }
    for (const step of fixture.steps) {
      for (const { name, parameter } of optimizerState(fixture, step)) {
        buffers.set(name, new Float64Array(elementCount(parameter.shape)));
      }
    }
    for (const [step, expected] of dcgan.steps.entries()) {
      const inputs = new Map(Object.entries(inputsOf(step)));
      for (const [index, [name, key]] of order.entries()) {
        const { outputs, updates } = evaluate(graphs[index]!, { inputs, buffers, variables: { step } });
        expectLoss(outputs.get("loss")![0]!, expected[key], 1e-8, `${name} in step ${String(step)}`);
        for (const [buffer, value] of updates) buffers.set(buffer, value);
      }
    }
    for (const [net, , after] of nets) {
      for (const [name, digest] of Object.entries(after)) {
        expectDigest(buffers.get(`${net}.${name}`)!, digest, 1e-8, `${net}.${name}`);
      }
    }
  }, 600_000);

  // Adam's first steps follow the signs of gradients, so 1e-3 and not 1e-4: it makes much of those near 0.
  it("by a compiled program", async () => {
    const weights = new Map<string, TensorLike>();
    for (const [net, name] of nets) {
      for (const [path, tensor] of weightsOf(readModelFixture(name))) weights.set(`${net}.${path}`, tensor);
    }
    const session = await sessionWith("dcgan.net", section, batch, weights);
    for (const [step, expected] of dcgan.steps.entries()) {
      const { real, z } = inputsOf(step);
      const inputs = { real: Float32Array.from(real), z: Float32Array.from(z) };
      for (const [name, key] of order) {
        const { loss } = await session.step(name, inputs);
        expectLoss(loss, expected[key], 1e-3, `${name} in step ${String(step)}`);
      }
    }
    const after = await session.weights();
    session.dispose();
    for (const [net, , digests] of nets) {
      for (const [name, digest] of Object.entries(digests)) {
        expectDigest(Float64Array.from(after.get(`${net}.${name}`)!.data), digest, 1e-3, `${net}.${name}`);
      }
    }
  });
});
