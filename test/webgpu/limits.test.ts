/**
 * Examples within the limits that every adapter gives, as WebGPU's specification has them: those with
 * the largest weights, and all with TULLE_WEBGPU=all.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { EntryPointRequest } from "../../compiler/entry-points.js";
import { fittingBatch } from "../../runtime/program/fitting-batch.js";
import type { Program } from "../../runtime/program/program.js";
import { checkExample } from "../models/training.js";
import { isThorough } from "./support.js";

const specified = { bindingBytes: 2 ** 27, bufferBytes: 2 ** 28, storageBuffers: 8, workgroups: 65535 };

/** Sizes of inputs that a file leaves open. */
const sizes = { H: 256, W: 256 };

const largest = ["alexnet.net", "vgg16.net", "autoencoder.net", "lenet.net"];
const files = readdirSync(join(import.meta.dirname, "../../dsl-examples")).filter(
  (file) => file.endsWith(".net") && (isThorough || largest.includes(file)),
);

/** What a program needs, by the names of the limits. */
function needs({ shaders }: Program): typeof specified {
  const dispatches = shaders!.entryPoints.flatMap((entryPoint) => entryPoint.dispatches);
  const most = (values: readonly number[]) => values.reduce((largest, value) => Math.max(largest, value), 0);
  return {
    bindingBytes: most(dispatches.flatMap(({ bindings }) => bindings.map(({ bytes }) => bytes))),
    bufferBytes: most(shaders!.chunks.map(({ bytes }) => bytes)),
    storageBuffers: most(dispatches.map(({ bindings }) => bindings.length)),
    workgroups: most(dispatches.flatMap(({ workgroups }) => workgroups)),
  };
}

function expectWithin(program: Program): void {
  for (const [limit, need] of Object.entries(needs(program))) {
    expect(need, limit).toBeLessThanOrEqual(specified[limit as keyof typeof specified]);
  }
}

describe("within WebGPU's default limits:", () => {
  it.each(files)("%s", { timeout: 120_000 }, (file) => {
    const model = checkExample(file);
    const predictions = model.nets.map(({ name: net }): EntryPointRequest => ({
      kind: "predict",
      net,
      batch: 1,
    }));
    const steps = model.sections.map(({ name: section }): EntryPointRequest => ({
      kind: "step",
      section,
      // Batch norm wants two.
      batch: file === "unet.net" ? 1 : 2,
    }));
    for (const request of [...predictions, ...steps]) {
      expectWithin(
        compileModel(model, { entryPoints: [request], target: "webgpu", sizes, initialize: false }),
      );
    }
  });

  it(
    "a step of a deep net at its usual batch, whose loops read more than eight tensors",
    { timeout: 120_000 },
    () => {
      const entryPoints: EntryPointRequest[] = [{ kind: "step", section: "imagenet", batch: 32 }];
      const program = compileModel(checkExample("resnet50.net"), {
        entryPoints,
        target: "webgpu",
        initialize: false,
      });
      const tensors = program.entryPoints.flatMap(({ calls }) =>
        calls.map(({ operands }) => operands.length),
      );
      expect(Math.max(...tensors)).toBeGreaterThan(specified.storageBuffers);
      expectWithin(program);
    },
  );
});

describe("a batch with larger activations", () => {
  it("is told which one fits", () => {
    const model = checkExample("vgg11.net");
    const compileFor = (batch: number): Program =>
      compileModel(model, {
        entryPoints: [{ kind: "evaluate", section: "imagenet", batch }],
        target: "webgpu",
        initialize: false,
      });
    const { entryPoints, memory } = compileFor(32);
    const batch = fittingBatch(entryPoints, specified.bindingBytes, memory.persistentBytes);
    expect(batch).toBe(10);
    expectWithin(compileFor(10));
    expect(needs(compileFor(11)).bindingBytes).toBeGreaterThan(specified.bindingBytes);
  });
});
