/**
 * Whole modules: an independent tool reads them, threads meet at barriers, and mistakes in
 * the call list are caught.
 */
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import {
  emitModule,
  kernelFlops,
  scratchBytes,
  type ModuleSpec,
} from "../../compiler/codegen/wasm/module.js";
import type { KernelSpec, LoopKernel } from "../../compiler/select/kernel.js";
import { toWat } from "./support/disassemble.js";
import { binary, constant, input, reduced } from "./support/expression.js";
import { expectClose, numbers, runKernel } from "./support/run.js";
import { sampleKernels } from "./support/samples.js";

const common = { memoryPages: 2, barrierAddress: 128, randomStateAddress: 64 };

describe("modules", () => {
  test.each([
    ["without threads", false, false],
    ["with threads", true, false],
    ["relaxed", true, true],
  ])("wabt validates and disassembles every kernel, %s", async (_, shared, relaxed) => {
    const kernels = sampleKernels();
    const text = await toWat(
      emitModule({ ...common, kernels, entryPoints: [], shared, relaxed, names: true }),
    );
    for (const name of kernels.keys()) expect(text).toContain(name.replaceAll(" ", "_"));
    expect(text.includes("relaxed_madd")).toBe(relaxed);
    expect(text).toContain(shared ? "$env.memory 2 2 shared)" : "$env.memory 2 2)");
    expect(text.includes("memory.atomic.wait32")).toBe(shared);
  });

  test("every kernel says what it costs", () => {
    for (const [name, kernel] of sampleKernels()) {
      expect(kernelFlops(kernel), name).toBeGreaterThanOrEqual(name === "copy" ? 0 : 1);
      expect(scratchBytes(kernel) % 64, name).toBe(0);
    }
  });

  test("equal specs give equal bytes", () => {
    const bytes = (): Uint8Array =>
      emitModule({ ...common, kernels: sampleKernels(), entryPoints: [], shared: false });
    expect(bytes()).toEqual(bytes());
  });

  test("a call of an unknown kernel, or with addresses missing, is the compiler's mistake", () => {
    const spec = (kernel: string, addresses: number[]): ModuleSpec => ({
      ...common,
      kernels: sampleKernels(),
      entryPoints: [{ name: "run", calls: [{ kernel, addresses }] }],
      shared: false,
    });
    expect(() => emitModule(spec("nothing", []))).toThrow("unknown kernel nothing");
    expect(() => emitModule(spec("softmax", [0]))).toThrow("with 1 addresses instead of 2");
  });
});

describe("relaxed multiply-add", () => {
  test("computes the same but for rounding", () => {
    setFlagsFromString("--experimental-wasm-relaxed-simd");
    const spec: KernelSpec = {
      family: "matmul",
      m: 9,
      n: 21,
      k: 33,
      transposeLeft: false,
      transposeRight: false,
      epilogue: null,
    };
    const inputs = [numbers(9 * 33, 1), numbers(33 * 21, 2)];
    const [strict] = runKernel(spec, inputs, [9 * 21]);
    const [relaxed] = runKernel(spec, inputs, [9 * 21], { relaxed: true });
    expectClose(relaxed!, [...strict!], 1e-6);
  });
});

/** Each element of the output depends on a column of the input, so every barrier counts. */
const size = 24;
const mix: LoopKernel = {
  family: "loop",
  domain: [size, size],
  reducedAxes: [1],
  operands: [{ dataType: "f32", strides: [1, size] }],
  reductions: [{ combine: "sum", expression: input(0) }],
  outputs: [
    {
      expression: binary("multiply", binary("subtract", input(0), reduced(0)), constant(1 / size)),
      over: "domain",
    },
  ],
};

const workerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { bytes, memory, thread, threads } = workerData;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  instance.exports.run(thread, threads);
  parentPort.postMessage("done");
`;

describe("threads", () => {
  const [first, second] = [1024, 1024 + 4 * size * size];
  const kernels = 40;

  const spec = (shared: boolean): ModuleSpec => ({
    ...common,
    kernels: new Map([["mix", mix]]),
    entryPoints: [
      {
        name: "run",
        calls: Array.from({ length: kernels }, (_, index) => ({
          kernel: "mix",
          addresses: index % 2 === 0 ? [first, second] : [second, first],
        })),
      },
    ],
    shared,
  });

  const start = (memory: WebAssembly.Memory): void => {
    new Float32Array(memory.buffer, first, size * size).set(numbers(size * size, 3));
  };

  test("workers that meet at barriers compute the bits of one thread", async () => {
    const alone = new WebAssembly.Memory({ initial: 2, maximum: 2 });
    start(alone);
    const module = await WebAssembly.instantiate(emitModule(spec(false)), { env: { memory: alone } });
    const run = module.instance.exports["run"] as (thread: number, threads: number) => void;
    run(0, 1);
    const expected = new Uint32Array(alone.buffer, first, size * size).slice();

    for (const threads of [2, 3]) {
      const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
      start(memory);
      const bytes = emitModule(spec(true));
      const workers = Array.from(
        { length: threads },
        (_, thread) =>
          new Worker(workerSource, { eval: true, workerData: { bytes, memory, thread, threads } }),
      );
      await Promise.all(
        workers.map(
          (worker) =>
            new Promise((resolve, reject) => {
              worker.once("message", resolve);
              worker.once("error", reject);
            }),
        ),
      );
      await Promise.all(workers.map((worker) => worker.terminate()));
      expect(new Uint32Array(memory.buffer, first, size * size).slice()).toEqual(expected);
      expect(new Int32Array(memory.buffer, common.barrierAddress, 1)[0]).toBe(0);
    }
  });
});
