/** The commands with `--backend webgpu`, as a user types them. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readNpy, writeNpy } from "../../runtime/files/npy.js";
import { readSafetensors } from "../../runtime/files/safetensors.js";
import type { Tensor } from "../../runtime/tensor.js";
import { inFolder, smallData, smallNet, succeed, tulle } from "../cli/support.js";
import { testGpu } from "../support/swiftshader.js";
import { changedGpu, watchGpu } from "./watched-gpu.js";
import { expectAlike } from "./support.js";

inFolder({ "small.net": smallNet, "points.npz": smallData(40), "batch.npz": smallData(20) });

function train(folder: string, ...more: readonly string[]) {
  return ["train", "small.net", "--data", "points.npz", "--batch", "20", "--out", folder, ...more];
}

function tensorsOf(path: string): ReadonlyMap<string, Tensor> {
  const { tensors } = readSafetensors(readFileSync(path), path);
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}

function weightsOf(folder: string): ReadonlyMap<string, Tensor> {
  return tensorsOf(`${folder}/weights.safetensors`);
}

const onGpu = ["--backend", "webgpu"] as const;

describe("the commands on WebGPU", () => {
  beforeAll(async () => {
    vi.stubGlobal("navigator", { gpu: await testGpu() });
  });
  afterAll(() => {
    vi.unstubAllGlobals();
  });

  it("train as on the CPU, and go on with a run bit for bit", async () => {
    await succeed(...train("cpu", "--epochs", "2"));
    await succeed(...train("whole", "--epochs", "2", ...onGpu));
    await succeed(...train("halves", "--epochs", "1", ...onGpu));
    await succeed(...train("halves", "--epochs", "2", "--resume", ...onGpu));
    // Adam makes much of gradients near 0.
    expectAlike(weightsOf("whole"), weightsOf("cpu"), 1e-3);
    expect(weightsOf("halves")).toEqual(weightsOf("whole"));
  });

  it("run, measure and differentiate as on the CPU", async () => {
    const weights = ["--weights", "cpu/weights.safetensors"];
    writeFileSync(
      "x.npy",
      writeNpy({
        dataType: "f32",
        shape: [5, 4],
        data: Float32Array.from({ length: 20 }, (_, i) => Math.sin(i)),
      }),
    );
    const results = async (...where: readonly string[]) => {
      await succeed("run", "small.net", ...weights, "--input", "x.npy", "--output", "y.npy", ...where);
      await succeed(
        ...["grad", "small.net", ...weights, "--data", "batch.npz", "--output", "g.safetensors", ...where],
      );
      const evaluated = await succeed(
        ...["evaluate", "small.net", ...weights, "--data", "points.npz", "--json", ...where],
      );
      const { metrics } = JSON.parse(evaluated) as { readonly metrics: Readonly<Record<string, number>> };
      const { shape, data } = readNpy(readFileSync("y.npy"), "y.npy");
      return new Map([
        ["output", { shape, data: Float32Array.from(data) }],
        ...tensorsOf("g.safetensors"),
        ...Object.entries(metrics).map(
          ([name, value]) => [name, { shape: [], data: Float32Array.of(value) }] as const,
        ),
      ]);
    };
    expectAlike(await results(...onGpu), await results());
  });

  it("plan for it, and show the shaders", async () => {
    const plan = await succeed("plan", "small.net", "--train", "fit", "--target", "webgpu");
    expect(plan).toMatch(/^program fit: .* shaders, memory in 1 GPU buffer$/m);
    expect(plan).toMatch(/step fit.* kernels in \d+ dispatches/);
    const shaders = await succeed("plan", "small.net", "--emit", "wgsl");
    expect(shaders).toContain("// shader 0: predict Small batch 1");
    expect(shaders).toContain("@compute @workgroup_size(");
  });

  it("say what to do when there is no GPU, or it is lost", async () => {
    vi.stubGlobal("navigator", { gpu: await changedGpu({ adapter: () => null }) });
    const none = await tulle(...train("none", ...onGpu));
    expect(none.code).toBe(1);
    expect(none.error).toContain("no GPU answers: WebGPU is there, but it has no adapter");
    expect(none.error).toContain("use the CPU: --backend cpu");
    const { gpu, devices } = await watchGpu();
    vi.stubGlobal("navigator", { gpu });
    const training = tulle(...train("lost", "--epochs", "100000", ...onGpu));
    await expect.poll(() => devices.length, { timeout: 60_000 }).toBe(1);
    setTimeout(() => devices[0]!.destroy(), 3000);
    const lost = await training;
    expect(lost.code).toBe(1);
    expect(lost.error).toContain(" was lost");
    expect(lost.error).toContain("from the last checkpoint with --resume");
  });

  it("refuse threads, which a GPU does not count", async () => {
    const { code, error } = await tulle(...train("threads", "--threads", "2", ...onGpu));
    expect([code, error]).toEqual([
      2,
      expect.stringContaining("--threads counts threads of the CPU: leave it out with --backend webgpu"),
    ]);
  });
});
