/** The CPU as planning sees it: kernels in WebAssembly over one memory. */
import { emitModule, kernelFlops, scratchBytes } from "../codegen/wasm/module.js";
import { overwrites } from "../select/overwrites.js";
import type { PlanTarget } from "./target.js";

/** Bytes of a WebAssembly page. */
const pageBytes = 65536;

export const cpuTarget: PlanTarget = {
  scratchBytes,
  flops: kernelFlops,
  overwrites,
  emit: ({ kernels, entryPoints, totalBytes, threads, randomStateOffset, barrierOffset }) =>
    emitModule({
      kernels,
      entryPoints,
      memoryPages: Math.ceil(totalBytes / pageBytes),
      shared: threads > 1,
      barrierAddress: barrierOffset,
      randomStateAddress: randomStateOffset,
    }),
};
