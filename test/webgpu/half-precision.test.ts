/**
 * Inference with weights and activations in halves: PyTorch's numbers, what adapters without
 * them are told, and bundles. What computes runs where the driver has `shader-f16`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundle } from "../../compiler/bundle/bundle.js";
import { bundleWeights } from "../../compiler/cli/bundle-weights.js";
import { compileModel } from "../../compiler/compile.js";
import { runPasses } from "../../compiler/passes/index.js";
import { planProgram } from "../../compiler/plan/plan.js";
import { webgpuTarget } from "../../compiler/plan/webgpu-target.js";
import { selectCpu } from "../../compiler/select/cpu.js";
import { storeHalves } from "../../compiler/select/store-halves.js";
import type { ChoiceOptions } from "../../runtime/bundle/entry-both.js";
import type { AsyncNet } from "../../runtime/bundle/gpu-net.js";
import { readSafetensors, writeSafetensors } from "../../runtime/files/safetensors.js";
import { halfToFloat, halvesOf } from "../../runtime/half.js";
import type { Program } from "../../runtime/program/program.js";
import { deserializeProgram, serializeProgram } from "../../runtime/program/serialize.js";
import { createSession } from "../../runtime/session.js";
import type { Tensor } from "../../runtime/tensor.js";
import { createWebGpuBackend } from "../../runtime/webgpu/webgpu-backend.js";
import { cases, expectFixture, graphOf } from "../library/op-cases.js";
import { modelCases } from "../models/cases.js";
import { weightsOf } from "../models/compare.js";
import { readTrainedModel } from "../models/training.js";
import { worstDeviation } from "../support/digest.js";
import { testGpu, testGpuHas } from "../support/swiftshader.js";
import { messageOf, rejectionOf } from "../support/user-error.js";
import { isThorough, modelOf, runOn, webgpuSession } from "./support.js";
import { changedGpu } from "./watched-gpu.js";

/** Of a tensor's largest element: what docs/webgpu.md promises. */
const tolerance = 5e-3;

const hasHalves = await testGpuHas("shader-f16");
if (!hasHalves) console.warn("skipped what computes with halves: the driver of the tests has no shader-f16");

const model = modelOf(`
net Line: x[N, 5] -> [N, 3] { x -> dense(7) -> layer_norm -> tanh -> dense(3) }
train fit { input x[N, 5] input y[N] in 0..3
  loss = cross_entropy(x -> Line, y) minimize loss with sgd(lr=0.1) }
`);
const entryPoints = [{ kind: "predict", net: "Line", batch: 2 }] as const;
const compiled = compileModel(model, { entryPoints, target: "webgpu", precision: "float16" });
const inputs = Float32Array.from({ length: 10 }, (_, index) => Math.sin(index));

describe("a program in halves", () => {
  it("says what it wants, and is read back as it was written", () => {
    const full = compileModel(model, { entryPoints, target: "webgpu" });
    expect(compiled.shaders!.features).toEqual(["shader-f16"]);
    expect("features" in full.shaders!).toBe(false);
    expect(compiled.buffers.map(({ dataType }) => dataType)).toEqual(full.buffers.map(() => "f16"));
    expect(compiled.buffers.map(({ bytes }) => 2 * bytes)).toEqual(full.buffers.map(({ bytes }) => bytes));
    const [entryPoint] = compiled.entryPoints;
    const bindings = [...entryPoint!.inputs, ...entryPoint!.outputs];
    expect(bindings.map(({ dataType }) => dataType)).toEqual(["f32", "f32"]);
    expect(deserializeProgram(serializeProgram(compiled))).toEqual(compiled);
  });

  it("keeps running statistics in float32", () => {
    const normalized = modelOf(
      "net Norm: x[N, 4, 3, 3] -> [N, 4, 3, 3] { x -> batch_norm -> conv(4, 3, pad=1) }",
    );
    const { buffers } = compileModel(normalized, { target: "webgpu", precision: "float16" });
    const types = new Map(buffers.map(({ role, dataType }) => [role, dataType]));
    expect(types.get("statistic")).toBe("f32");
    expect(types.get("parameter")).toBe("f16");
  });

  it("is not for the CPU, and not for training", () => {
    expect(messageOf(() => compileModel(model, { precision: "float16" }))).toBe(
      "float16 is for WebGPU, and the program is for the CPU",
    );
    const steps = [{ kind: "step", section: "fit", batch: 2 }] as const;
    expect(
      messageOf(() => compileModel(model, { entryPoints: steps, target: "webgpu", precision: "float16" })),
    ).toBe("float16 is for inference, and the program trains fit");
  });

  it("is refused by an adapter that lacks what it wants", async () => {
    const gpu = await changedGpu({ adapter: withoutFeatures });
    const refusal = await rejectionOf(createSession(compiled, { gpu }));
    expect(refusal).toMatch(/ has no shader-f16, and the program was compiled with float16$/);
    const summed = compileModel(modelOf("net Sum: x[N, 99] -> [N, 99] { x -> softmax }"), {
      target: "webgpu",
      subgroups: true,
    });
    expect(summed.shaders!.features).toEqual(["subgroups"]);
    const other = await rejectionOf(createSession(summed, { gpu }));
    expect(other).toMatch(/ has no subgroups, and the program was compiled with subgroups$/);
  });

  it.runIf(hasHalves)("takes and gives float32", async () => {
    const session = await webgpuSession(compiled, { seed: 1 });
    const cpu = await createSession(compileModel(model, { entryPoints }), { seed: 1 });
    const [weights, full] = [await session.weights(), await cpu.weights()];
    for (const [name, { data }] of full) {
      expect(weights.get(name)!.data, name).toEqual(Float32Array.from(halvesOf(data), halfToFloat));
    }
    await cpu.load(weights);
    const expected = (await cpu.predict(inputs))["output"]!;
    const actual = (await session.predict(inputs))["output"]!;
    expect(actual.data).toBeInstanceOf(Float32Array);
    actual.data.forEach((value, index) => {
      expect(Math.abs(value - expected.data[index]!)).toBeLessThan(5e-3);
    });
    const large = { shape: [7], data: new Float32Array(7).fill(7e4) };
    const refusal = await rejectionOf(session.load({ "1.bias": large }, { partial: true }));
    expect(refusal).toContain("float16");
    session.dispose();
    cpu.dispose();
  });

  it.runIf(hasHalves)("measures a section", async () => {
    const measured = [{ kind: "evaluate", section: "fit", batch: 2 }] as const;
    const halves = compileModel(model, { entryPoints: measured, target: "webgpu", precision: "float16" });
    const session = await webgpuSession(halves, { seed: 1 });
    const cpu = await createSession(compileModel(model, { entryPoints: measured }), { seed: 1 });
    const batch = { x: inputs, y: Int32Array.of(0, 2) };
    const [actual, expected] = [await session.evaluate(batch), await cpu.evaluate(batch)];
    expect(Math.abs(actual["loss"]!.data[0]! - expected["loss"]!.data[0]!)).toBeLessThan(5e-3);
    session.dispose();
    cpu.dispose();
  });
});

/** An adapter as it would be if it had nothing optional. */
function withoutFeatures(adapter: GPUAdapter): GPUAdapter {
  return { features: new Set(), info: adapter.info, limits: adapter.limits } as unknown as GPUAdapter;
}

describe.runIf(hasHalves)("PyTorch's ops, stored in halves:", () => {
  const chosen = ["conv-7", "conv-29", "conv_transpose-41", "dense-51", "max_pool-65", "avg_pool-73"];
  const more = ["batch_norm-85", "cross_entropy-118", "concat-129", "transpose-150"];
  const entries = isThorough ? cases : cases.filter(({ id }) => [...chosen, ...more].includes(id));

  it("all that were chosen", async () => {
    const program = planProgram({
      name: "cases",
      threads: 1,
      ...storeHalves({
        buffers: [],
        blocks: [],
        entryPoints: entries.map((entry) => ({
          name: entry.id,
          kind: "predict" as const,
          of: entry.id,
          step: null,
          batch: null,
          kernelGraph: selectCpu(runPasses(graphOf(entry).graph)),
        })),
      }),
      target: webgpuTarget,
    });
    const backend = await createWebGpuBackend(program, { gpu: await testGpu() });
    for (const [index, entry] of entries.entries()) {
      const { values } = graphOf(entry);
      const { outputs } = await runOn(backend, program.entryPoints[index]!, { inputs: values });
      expectFixture(entry, outputs, tolerance);
    }
    backend.dispose();
  });
});

describe.runIf(hasHalves)("PyTorch's nets, stored in halves:", () => {
  const nets = ["lenet5", "autoencoder", "mnist_resnet_tied"];
  const chosen = modelCases.filter(({ fixture }) => isThorough || nets.includes(fixture));

  it.each(chosen)("$net of $file", { timeout: 600_000 }, async (modelCase) => {
    const { fixture, model: example, net, batch, inputs: given } = readTrainedModel(modelCase);
    const program = compileModel(example, {
      entryPoints: [{ kind: "predict", net: net.name, batch }],
      target: "webgpu",
      precision: "float16",
    });
    const session = await webgpuSession(program, { weights: weightsOf(fixture) });
    const output = await session.predict(Float32Array.from(given.get("x")!));
    session.dispose();
    const { error, explanation } = worstDeviation(
      output[net.outputNames[0]!]!.data,
      fixture.inference.output,
    );
    if (process.env["TULLE_PRINT"] === "1") console.log(modelCase.net, error);
    expect(error, explanation).toBeLessThan(tolerance);
  });
});

describe("a bundle in halves", () => {
  const folder = mkdtempSync(join(tmpdir(), "tulle-halves-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const cpu = compileModel(model, { entryPoints });
  const weightsFile = join(folder, "weights.safetensors");
  const given = new Map(
    cpu.buffers.map(({ path, shape, bytes }, index) => {
      const data = Float32Array.from({ length: bytes / 4 }, (_, at) => Math.cos(at + index));
      return [path, { dataType: "f32" as const, shape, data }];
    }),
  );

  async function load(name: string, programs: Parameters<typeof bundle>[0], options: ChoiceOptions) {
    writeFileSync(weightsFile, writeSafetensors(given));
    const weights = await bundleWeights(compiled, weightsFile);
    const { files } = bundle(programs, { name, weights });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const module = (await import(pathToFileURL(join(folder, `${name}.js`)).href)) as {
      readonly load: (weights: undefined, options: ChoiceOptions) => Promise<AsyncNet>;
    };
    return module.load(undefined, options);
  }

  it("has weights of half the bytes, and refuses those that are too large", async () => {
    writeFileSync(weightsFile, writeSafetensors(given));
    const { tensors } = readSafetensors(await bundleWeights(compiled, weightsFile), "halves");
    for (const [name, { data }] of given) {
      expect(tensors.get(name)!.data, name).toEqual(Float32Array.from(halvesOf(data), halfToFloat));
    }
    const bytes = (program: Program) => program.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0);
    expect(bytes(compiled)).toBe(bytes(cpu) / 2);
    const [name, first] = [...given][0]!;
    const large = new Map([...given, [name, { ...first, data: first.data.map(() => 1e5) }]]);
    writeFileSync(weightsFile, writeSafetensors(large));
    const refusal = await rejectionOf(bundleWeights(compiled, weightsFile));
    expect(refusal).toBe(`${name} holds 100000, and float16 ends at 65504`);
  });

  it("falls back to the CPU and says why, or insists", async () => {
    const gpu = await changedGpu({ adapter: withoutFeatures });
    const net = await load("both", { cpu, webgpu: compiled }, { gpu });
    expect(net.backend).toBe("cpu");
    expect(net.fallback).toMatch(/ has no shader-f16, and the program was compiled with float16$/);
    expect(((await net.predict(inputs)) as Tensor).data.every(Number.isFinite)).toBe(true);
    await expect(load("alone", compiled, { gpu })).rejects.toThrow("has no shader-f16");
  });

  it.runIf(hasHalves)("computes nearly what the CPU does", async () => {
    const gpu = await testGpu();
    const net = await load("halves", { cpu, webgpu: compiled }, { gpu });
    expect([net.backend, net.fallback]).toEqual(["webgpu", null]);
    const onCpu = await load("halves", { cpu, webgpu: compiled }, { backend: "cpu" });
    const [actual, expected] = [await net.predict(inputs), await onCpu.predict(inputs)] as [Tensor, Tensor];
    actual.data.forEach((value, index) => {
      expect(Math.abs(value - expected.data[index]!)).toBeLessThan(5e-3);
    });
    net.dispose();
  });
});
