/** The CPU as planning sees it: kernels in WebAssembly over one memory. */
import { emitModule, kernelFlops, scratchBytes } from "../codegen/wasm/module.js";
import { alignment } from "./regions.js";
import { overwrites } from "../select/overwrites.js";
import type { PlanTarget } from "./target.js";

/** Bytes of a WebAssembly page. */
const pageBytes = 65536;

export const cpuTarget: PlanTarget = {
  name: "cpu",
  alignment,
  scalarsFirst: false,
  smallBytes: 0,
  chunkBytes: null,
  mostTensorBytes: null,
  mostMemory: { bytes: 2 ** 32, reason: "WebAssembly has 4 GiB" },
  scratchBytes,
  flops: kernelFlops,
  overwrites,
  emit: ({ kernels, entryPoints, totalBytes, threads, randomStateOffset, barrierOffset }) => ({
    module: emitModule({
      kernels,
      entryPoints: entryPoints.map(({ name, calls }) => ({
        name,
        calls: calls.map(({ kernel, operands }) => ({
          kernel,
          addresses: operands.map(({ offset }) => offset),
        })),
      })),
      memoryPages: Math.ceil(totalBytes / pageBytes),
      shared: threads > 1,
      barrierAddress: barrierOffset,
      randomStateAddress: randomStateOffset,
    }),
    shaders: null,
  }),
};
