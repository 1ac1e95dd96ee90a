/** Sessions on WebGPU: what they free, submit and say when the GPU is not what was hoped for. */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { createSession, type Session } from "../../runtime/session.js";
import { rejectionOf } from "../support/user-error.js";
import { expectSame, line } from "./support.js";
import { changedGpu, watchGpu } from "./watched-gpu.js";

const program = compileModel(line.model, {
  entryPoints: [
    { kind: "step", section: "fit", batch: 2 },
    { kind: "predict", net: "Line", batch: 2 },
  ],
  target: "webgpu",
});

describe("a session on WebGPU", () => {
  it("gives the same to calls that do not wait for each other", async () => {
    const { gpu } = await watchGpu();
    const run = async (make: (session: Session) => Promise<readonly number[]>) => {
      const session = await createSession(program, { gpu, seed: 3 });
      session.setRun({ steps: 6, epochSteps: 6 });
      const losses = await make(session);
      const weights = await session.weights();
      session.dispose();
      return { losses, weights };
    };
    const waiting = await run(async (session) => {
      const losses: number[] = [];
      for (let step = 0; step < 4; step++) losses.push((await session.step("fit", line.batch)).loss);
      return losses;
    });
    const eager = await run(async (session) => {
      const steps = await Promise.all([0, 1, 2, 3].map(() => session.step("fit", line.batch)));
      return steps.map(({ loss }) => loss);
    });
    expect(eager.losses).toEqual(waiting.losses);
    expect(new Set(eager.losses).size).toBe(4);
    expectSame(eager.weights, waiting.weights);
  });

  it("goes on from its state bit for bit", async () => {
    const { gpu } = await watchGpu();
    const first = await createSession(program, { gpu });
    const second = await createSession(program, { gpu, seed: 9 });
    for (const session of [first, second]) session.setRun({ steps: 6, epochSteps: 6 });
    for (let step = 0; step < 3; step++) await first.step("fit", line.batch);
    await second.restore(await first.state());
    for (let step = 0; step < 3; step++) {
      expect((await second.step("fit", line.batch)).loss).toBe((await first.step("fit", line.batch)).loss);
    }
    expectSame((await second.state()).buffers, (await first.state()).buffers);
    for (const session of [first, second]) session.dispose();
  });

  it("says so when the GPU is lost", async () => {
    const { gpu, devices } = await watchGpu();
    const session = await createSession(program, { gpu });
    await session.step("fit", line.batch);
    devices[0]!.destroy();
    expect(await rejectionOf(session.step("fit", line.batch))).toMatch(/ was lost/);
    expect(await rejectionOf(session.weights())).toMatch(/ was lost/);
    session.dispose();
  });
});

describe("a GPU that will not do", () => {
  it("may have no adapter", async () => {
    const gpu = await changedGpu({ adapter: () => null });
    expect(await rejectionOf(createSession(program, { gpu }))).toBe(
      "no GPU answers: WebGPU is there, but it has no adapter",
    );
  });

  it("may bind too little at once", async () => {
    const gpu = await changedGpu({
      adapter: (adapter) => {
        Object.defineProperty(adapter, "limits", {
          value: { maxStorageBufferBindingSize: 16, maxBufferSize: 2 ** 28 },
        });
        return adapter;
      },
    });
    expect(await rejectionOf(createSession(program, { gpu }))).toMatch(
      / gives at most 16 bytes \(maxStorageBufferBindingSize\), and the program wants /,
    );
  });

  it("may compute wrongly", async () => {
    const gpu = await changedGpu({
      device: (device) => {
        // A driver that confuses a sum with a difference.
        const create = device.createShaderModule.bind(device);
        device.createShaderModule = ({ code }) => create({ code: code.replaceAll("+=", "-=") });
      },
    });
    expect(await rejectionOf(createSession(program, { gpu }))).toMatch(
      / computes wrongly: a test with a known result gave another one$/,
    );
  });

  it("may refuse a shader", async () => {
    const gpu = await changedGpu({
      device: (device) => {
        const create = device.createComputePipelineAsync.bind(device);
        let asked = 0;
        device.createComputePipelineAsync = (descriptor) =>
          asked++ === 0 ? create(descriptor) : Promise.reject(new Error("too hard"));
      },
    });
    expect(await rejectionOf(createSession(program, { gpu }))).toBe(
      "the GPU's driver refuses a shader: too hard",
    );
  });

  it("may have too little memory", async () => {
    const gpu = await changedGpu({
      device: (device) => {
        const pop = device.popErrorScope.bind(device);
        device.popErrorScope = async () => (await pop()) ?? ({ message: "full" } as GPUError);
      },
    });
    expect(await rejectionOf(createSession(program, { gpu }))).toMatch(
      /^the program needs .* of GPU memory, which could not be had: full$/,
    );
  });
});
