/** The backend that a Program was compiled for. */
import type { Backend } from "./backend.js";
import { createCpuBackend } from "./cpu/cpu-backend.js";
import type { Program } from "./program/program.js";
import type { WebGpuOptions } from "./webgpu/webgpu-backend.js";

export interface BackendOptions extends WebGpuOptions {
  /** How many threads compute on the CPU; 1 by default. */
  readonly threads?: number;
}

/** @throws UserError when the machine cannot run the program */
export async function openBackend(program: Program, options: BackendOptions): Promise<Backend> {
  switch (program.target) {
    case "cpu":
      return createCpuBackend(program, options.threads ?? 1);
    case "webgpu": {
      // Loaded when it is wanted: who stays on the CPU does not carry it.
      const { createWebGpuBackend } = await import("./webgpu/webgpu-backend.js");
      return createWebGpuBackend(program, options);
    }
  }
}
