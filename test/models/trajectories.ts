/**
 * Training runs beside PyTorch's, on whichever backend: six steps of LeNet-5 by an optimizer,
 * and three adversarial steps of DCGAN.
 */
import { expect } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Session } from "../../runtime/session.js";
import type { NamedTensors, TensorLike } from "../../runtime/tensor.js";
import { type Digest, expectDigest, readFixture } from "../support/fixtures.js";
import { fill } from "../support/fill.js";
import { readModelFixture } from "./cases.js";
import { type Machine, weightsOf } from "./compare.js";
import { checkExample } from "./training.js";

type Digests = Readonly<Record<string, Digest>>;
type Opener = Pick<Machine, "target" | "open">;

interface OptimizerRun {
  readonly losses: readonly number[];
  readonly after: Digests;
}

const { optimizers, dcgan } = readFixture("training.json") as {
  readonly optimizers: { readonly cases: Readonly<Record<string, OptimizerRun>> };
  readonly dcgan: {
    readonly steps: readonly { readonly discriminator: number; readonly generator: number }[];
    readonly after: { readonly G: Digests; readonly D: Digests };
  };
};

/** By the optimizer as it is written: `adam(0.001)`. */
export const optimizerRuns = optimizers.cases;

/** Makes the six steps of LeNet-5 and compares losses and weights with PyTorch's. */
export async function expectOptimizerRun(optimizer: string, { target, open }: Opener): Promise<void> {
  const { losses, after } = optimizerRuns[optimizer]!;
  const batch = 8;
  const image = Float32Array.from(fill({ shape: [batch, 1, 28, 28], kind: "signed", seed: 1000 }));
  const label = Int32Array.from({ length: batch }, (_, index) => (7 * index + 3) % 10);
  const section = `
    input image[N, 1, 28, 28]
    input label[N] in 0..10
    loss = cross_entropy(image -> LeNet5, label)
    minimize loss with ${optimizer}`;
  const weights = weightsOf(readModelFixture("lenet5"));
  const session = await sessionWith("lenet.net", section, batch, weights, { target, open });
  for (const [step, expected] of losses.entries()) {
    const { loss } = await session.step("fixture", { image, label });
    expectLoss(loss, expected, 1e-4, `the loss of step ${String(step)}`);
  }
  await expectWeights(session, after, 1e-4);
}

export const dcganBatch = 4;

export const dcganSection = `
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

/** Every net with its fixture, and its weights afterwards. */
export const dcganNets = [
  ["Generator", "dcgan_generator", dcgan.after.G],
  ["Discriminator", "dcgan_discriminator", dcgan.after.D],
] as const;

/** The steps of the section in order, each with its inputs and PyTorch's loss. */
export const dcganSteps = dcgan.steps.flatMap(({ discriminator, generator }, round) =>
  (
    [
      ["discriminate", discriminator],
      ["generate", generator],
    ] as const
  ).map(([name, loss]) => ({
    name,
    loss,
    round,
    inputs: {
      real: fill({ shape: [dcganBatch, 3, 64, 64], kind: "signed", seed: 3000 + round }),
      z: fill({ shape: [dcganBatch, 100], kind: "signed", seed: 4000 + round }),
    },
  })),
);

/**
 * Makes DCGAN's steps and compares losses and weights with PyTorch's. Adam's first steps follow
 * the signs of gradients, so to 1e-3 and not 1e-4: it makes much of those near 0.
 */
export async function expectAdversarialRun(opener: Opener): Promise<void> {
  const weights = new Map<string, TensorLike>();
  for (const [net, name] of dcganNets) {
    for (const [path, tensor] of weightsOf(readModelFixture(name))) weights.set(`${net}.${path}`, tensor);
  }
  const session = await sessionWith("dcgan.net", dcganSection, dcganBatch, weights, opener);
  for (const { name, loss: expected, round, inputs } of dcganSteps) {
    const real = Float32Array.from(inputs.real);
    const { loss } = await session.step(name, { real, z: Float32Array.from(inputs.z) });
    expectLoss(loss, expected, 1e-3, `${name} in step ${String(round)}`);
  }
  const after = dcganNets.flatMap(([net, , digests]) =>
    Object.entries(digests).map(([name, digest]) => [`${net}.${name}`, digest] as const),
  );
  await expectWeights(session, Object.fromEntries(after), 1e-3);
}

/** A section of an example's file, called `fixture`. */
export function fixtureSection(lines: string): string {
  return `\ntrain fixture {\n${lines}\n}\n`;
}

export function expectLoss(actual: number, expected: number, tolerance: number, what: string): void {
  expect(Math.abs(actual - expected), what).toBeLessThanOrEqual(tolerance * expected);
}

/** A session for an example with a section of its own behind it. */
async function sessionWith(
  file: string,
  section: string,
  batch: number,
  weights: NamedTensors<TensorLike>,
  { target, open }: Opener,
): Promise<Session> {
  const model = checkExample(file, fixtureSection(section));
  const program = compileModel(model, { entryPoints: [{ kind: "step", section: "fixture", batch }], target });
  return open(program, { weights });
}

/** Disposes of the session. */
async function expectWeights(session: Session, digests: Digests, tolerance: number): Promise<void> {
  const weights = await session.weights();
  session.dispose();
  for (const [name, digest] of Object.entries(digests)) {
    expectDigest(Float64Array.from(weights.get(name)!.data), digest, tolerance, name);
  }
}
