/** Bundles that train: the same steps as a session's, and weights that a bundle for prediction takes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundleTraining } from "../../compiler/bundle/train-bundle.js";
import { checkSource } from "../../compiler/compile.js";
import { compileSection } from "../../compiler/compile-section.js";
import type { BundledTraining, TrainingOptions } from "../../runtime/bundle/entry-train.js";
import { readSafetensors } from "../../runtime/files/safetensors.js";
import type { Program } from "../../runtime/program/program.js";
import { createSession } from "../../runtime/session.js";
import { expectGolden } from "../support/golden.js";
import { testGpu } from "../support/swiftshader.js";

const { model } = checkSource(`
  net Teacher: z[N, 2] -> [N, 1] { z -> dense(1) }
  net Line: x[N, 3] -> [N, 1] { x -> dense(1) }
  train fit {
    input x[N, 3]
    input y[N, 1]
    sample z[N, 2] ~ normal
    step first {
      loss = mse(x -> Line, y)
      minimize loss over Line with adam(lr=cosine(0.1))
    }
    step second {
      loss = mse(z -> Teacher, 1)
      minimize loss over Teacher with sgd(lr=0.1)
    }
    metric distance = mse(x -> Line, y)
  }`);
const request = { section: "fit", trainBatches: [2, 1], measuredBatches: [2] } as const;
const programFor = (target: Program["target"]) => compileSection(model!, { ...request, target }).program;
const program = programFor("cpu");
const batch = { x: Float32Array.of(1, 2, 3, -1, 0.5, 2), y: Float32Array.of(1, -1) };
const run = { seed: 3, steps: 10, epochSteps: 5 };

const folder = mkdtempSync(join(tmpdir(), "tulle-training-bundle-"));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function load(target: Program["target"], options: TrainingOptions): Promise<BundledTraining> {
  const { files } = bundleTraining(programFor(target), target);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  const module = (await import(pathToFileURL(join(folder, `${target}.js`)).href)) as {
    readonly load: (options: TrainingOptions) => Promise<BundledTraining>;
  };
  return module.load(options);
}

async function losses(training: BundledTraining, count: number) {
  const all = [];
  for (let step = 0; step < count; step++) all.push(await training.step(batch));
  return all;
}

describe("a bundle that trains", () => {
  it("makes a session's steps, bit for bit, and measures", async () => {
    const session = await createSession(program, { seed: run.seed });
    session.setRun(run);
    const expected = [];
    for (let step = 0; step < 4; step++) {
      const position = { step };
      expected.push({
        "first.loss": (await session.step("fit.first", batch, position)).loss,
        "second.loss": (await session.step("fit.second", batch, position)).loss,
      });
    }
    const training = await load("cpu", run);
    expect(training.backend).toBe("cpu");
    expect(await losses(training, 4)).toEqual(expected);
    const { distance } = await training.evaluate(batch);
    expect(distance).toBe((await session.evaluate(batch, { section: "fit" }))["distance"]!.data[0]);
    const { tensors } = readSafetensors(await training.weights(), "weights");
    for (const [name, { data }] of await session.weights()) expect(tensors.get(name)!.data).toEqual(data);
    training.dispose();
    session.dispose();
  });

  it("goes on from weights, and refuses others", async () => {
    const first = await load("cpu", run);
    await losses(first, 4);
    const weights = await first.weights();
    const second = await load("cpu", { ...run, seed: 4, weights });
    // What draws samples draws others with another seed.
    const [measured, expected] = [await second.evaluate(batch), await first.evaluate(batch)];
    for (const name of ["first.loss", "distance"]) expect(measured[name]).toBe(expected[name]);
    await expect(load("cpu", { weights: new Uint8Array(3) })).rejects.toThrow("not a safetensors file");
    await expect(second.step({ x: batch.x })).rejects.toThrow("the input `y` is missing");
    for (const training of [first, second]) training.dispose();
  });

  it("does so on WebGPU, from the same weights with the same samples", async () => {
    const onGpu = await load("webgpu", { ...run, gpu: await testGpu() });
    expect(onGpu.backend).toBe("webgpu");
    const found = await losses(onGpu, 4);
    const expected = await losses(await load("cpu", run), 4);
    found.forEach((step, index) => {
      for (const [name, value] of Object.entries(step)) expect(value).toBeCloseTo(expected[index]![name]!, 4);
    });
    onGpu.dispose();
  });

  it("imports nothing, is the same every time, and has types that tell its inputs", () => {
    const { files } = bundleTraining(program, "fit");
    expect(bundleTraining(programFor("cpu"), "fit").files).toEqual(files);
    const code = String(files["fit.js"]).replaceAll(/^\/\/.*$/gm, "");
    expect(code).not.toMatch(/\bimport\b(?!\.meta|\()/);
    expectGolden(join(import.meta.dirname, "cases/fit.d.ts.txt"), String(files["fit.d.ts"]));
  });
});
