/** Every example checks without a warning, is formatted, and its sections become programs. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkSource, compileModel } from "../../compiler/compile.js";
import { format } from "../../compiler/syntax/format.js";
import { createSession } from "../../runtime/session.js";
import { readExample } from "./cases.js";
import { checkExample } from "./training.js";

const folder = join(import.meta.dirname, "../../dsl-examples");
const files = readdirSync(folder).filter((name) => name.endsWith(".net"));

describe.each(files)("%s", (file) => {
  const text = readExample(file)!;

  it("checks", () => {
    const { diagnostics } = checkSource(text, { file, readFile: readExample });
    expect(diagnostics.filter(({ severity }) => severity !== "hint")).toEqual([]);
  });

  it("is formatted", () => {
    expect(format(text, file)).toEqual({ text });
  });

  it("has a train section, and documentation for everything", () => {
    const model = checkExample(file);
    expect(model.nets.length).toBeGreaterThan(0);
    expect(model.sections.length).toBeGreaterThan(0);
    for (const { documentation } of model.nets) expect(documentation).not.toBe("");
  });
});

/** Small enough to be trained here: what the loss must fall to in 60 steps, as a part of the first. */
const learners: readonly (readonly [file: string, section: string, batch: number, part: number])[] = [
  ["linear-regression.net", "fit", 16, 0.5],
  ["logistic-regression.net", "moons", 16, 0.96],
  ["logistic-regression-mapped.net", "circles", 16, 0.96],
  ["mlp-shallow.net", "mnist", 16, 0.2],
  ["mlp-deep.net", "narrow", 16, 0.2],
  ["mlp-deep.net", "wide", 16, 0.2],
  ["mlp-batch-norm.net", "mnist", 16, 0.2],
  ["approximator.net", "function", 16, 0.5],
  ["autoencoder.net", "faces", 4, 0.9],
  ["autoencoder.net", "denoise", 4, 0.9],
  ["alexnet.net", "mnist", 8, 0.9],
  ["vgg11.net", "cifar", 8, 0.9],
  ["resnet18-cifar.net", "linear", 8, 0.9],
  ["resnet18-cifar.net", "transfer", 8, 0.9],
  ["matching-network.net", "match", 16, 0.9],
];

it.each(learners)("%s: %s learns a batch by heart", async (file, section, batch, part) => {
  const model = checkExample(file, "", withoutAugmentation);
  const program = compileModel(model, { entryPoints: [{ kind: "step", section, batch }] });
  const session = await createSession(program, { seed: 1 });
  session.setRun({ steps: 60 });
  const [entryPoint] = program.entryPoints.filter(({ kind }) => kind === "step");
  const inputs = new Map(
    entryPoint!.inputs.map(({ name, shape, limit }): [string, Float32Array | Int32Array] => {
      const count = shape.reduce((product, size) => product * size, 1);
      const noise = (index: number) => Math.abs(Math.sin(12.9898 * index + 78.233) * 43758.5453) % 1;
      return [
        name,
        limit === null
          ? Float32Array.from({ length: count }, (_, index) => noise(index))
          : Int32Array.from({ length: count }, (_, index) => Math.floor(noise(7 * index) * limit)),
      ];
    }),
  );
  const losses: number[] = [];
  for (let step = 0; step < 60; step++) losses.push((await session.step(section, inputs)).loss);
  session.dispose();
  expect(losses.at(-1)!).toBeLessThan(part * losses[0]!);
});

/** A batch that is another at every step is not learnt by heart. */
function withoutAugmentation(text: string): string {
  return text.replaceAll(/ -> random_\w+(\([^)]*\))?/g, "");
}

/** Two nets in turn: nothing has to fall, but nothing may go astray. */
it("pix2pix.net takes steps", async () => {
  const program = compileModel(checkExample("pix2pix.net"), {
    entryPoints: [{ kind: "step", section: "colorize", batch: 2 }],
  });
  const session = await createSession(program, { seed: 1 });
  const photo = Float32Array.from({ length: 2 * 3 * 32 * 32 }, (_, index) => (index % 255) / 255);
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    losses.push((await session.step("discriminate", { photo })).loss);
    losses.push((await session.step("generate", { photo })).loss);
  }
  session.dispose();
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses.at(-1)!).toBeLessThan(losses[1]!);
});
