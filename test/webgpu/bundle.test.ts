/** Bundles for WebGPU, and for both: which they choose, and what they say. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundle } from "../../compiler/bundle/bundle.js";
import { compileModel } from "../../compiler/compile.js";
import type { ChoiceOptions } from "../../runtime/bundle/entry-both.js";
import type { AsyncNet } from "../../runtime/bundle/gpu-net.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";
import type { Tensor } from "../../runtime/tensor.js";
import { expectGolden } from "../support/golden.js";
import { fill } from "../support/fill.js";
import { modelOf } from "./support.js";
import { changedGpu, watchGpu } from "./watched-gpu.js";

interface BundleModule {
  readonly load: (weights?: unknown, options?: ChoiceOptions) => Promise<AsyncNet>;
}

const model = modelOf("net Line: x[N, 6] -> [N, 2] { x -> dense(2) -> softplus }");
const entryPoints = [1, 3].map((batch) => ({ kind: "predict" as const, net: "Line", batch }));
const cpu = compileModel(model, { entryPoints });
const webgpu = compileModel(model, { entryPoints, target: "webgpu" });
const weights = writeSafetensors(
  new Map(
    Object.entries({ "1.weight": [2, 6], "1.bias": [2] }).map(([, shape], index) => [
      cpu.buffers[index]!.path,
      {
        dataType: "f32" as const,
        shape,
        data: Float32Array.from(fill({ shape, kind: "signed", seed: index })),
      },
    ]),
  ),
);

const folder = mkdtempSync(join(tmpdir(), "tulle-gpu-bundle-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function importBundle(name: string, programs: Parameters<typeof bundle>[0]): Promise<BundleModule> {
  const { files } = bundle(programs, { name, weights });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return (await import(pathToFileURL(join(folder, `${name}.js`)).href)) as BundleModule;
}

const inputs = Float32Array.from(fill({ shape: [3, 6], kind: "signed", seed: 9 }));

async function answer(net: AsyncNet): Promise<number[]> {
  const { data, shape } = (await net.predict(inputs)) as Tensor;
  expect(shape).toEqual([3, 2]);
  return [...data];
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 5);
  });
}

describe("a bundle", () => {
  it("for both runs on the GPU, or says why not", async () => {
    const { load } = await importBundle("both", { cpu, webgpu });
    const { gpu, liveBuffers } = await watchGpu();
    const onGpu = await load(undefined, { gpu });
    expect([onGpu.backend, onGpu.fallback]).toEqual(["webgpu", null]);
    const absent = await changedGpu({ adapter: () => null });
    const onCpu = await load(undefined, { gpu: absent });
    expect([onCpu.backend, onCpu.fallback]).toEqual([
      "cpu",
      "no GPU answers: WebGPU is there, but it has no adapter",
    ]);
    const chosen = await load(undefined, { backend: "cpu" });
    expect([chosen.backend, chosen.fallback]).toEqual(["cpu", null]);
    expect(await answer(chosen)).toEqual(await answer(onCpu));
    expectNear(await answer(onGpu), await answer(onCpu));
    await expect(load(undefined, { gpu: absent, backend: "webgpu" })).rejects.toThrow("no GPU answers");
    onGpu.dispose();
    await expect.poll(liveBuffers).toBe(0);
  });

  it("for WebGPU alone takes many questions at once, and complains of wrong ones", async () => {
    const { load } = await importBundle("gpu", webgpu);
    const { gpu } = await watchGpu();
    const net = await load(undefined, { gpu });
    const all = [...((await net.predict(inputs)) as Tensor).data];
    const one = await Promise.all(
      [0, 1, 2].map(async (row) => [
        ...((await net.predict(inputs.slice(6 * row, 6 * row + 6))) as Tensor).data,
      ]),
    );
    expectNear(one.flat(), all);
    await expect(net.predict(inputs.slice(1))).rejects.toThrow("the input `x` should be [1, 6] or [3, 6]");
    await expect(load(new Uint8Array(3), { gpu })).rejects.toThrow("not a safetensors file");
    net.dispose();
  });

  it("has types that tell of it", () => {
    for (const [name, programs] of [
      ["gpu", webgpu],
      ["both", { cpu, webgpu }],
    ] as const) {
      const declaration = String(bundle(programs, { name }).files[`${name}.d.ts`]);
      expectGolden(join(import.meta.dirname, `cases/${name}.d.ts.txt`), declaration);
    }
  });
});
