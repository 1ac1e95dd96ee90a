/** A bundled net on WebGPU. */
import type { Inputs } from "../inputs.js";
import { bindInputs } from "../inputs.js";
import { predictionsOf } from "../find-predictions.js";
import { loadWeights } from "../weights.js";
import type { Backend } from "../backend.js";
import type { Program } from "../program/program.js";
import { createWebGpuBackend } from "../webgpu/webgpu-backend.js";
import { onlyOutput, type Prediction } from "./prediction.js";
import type { NamedWeights } from "./weights.js";

/** A net whose answers take a while, wherever it runs. */
export interface AsyncNet {
  readonly predict: (inputs: Inputs) => Promise<Prediction>;
  readonly backend: Program["target"];
  /** Why it does not run on the GPU, where it might have; null otherwise. */
  readonly fallback: string | null;
  /** Gives its memory back; it cannot predict afterwards. */
  readonly dispose: () => void;
}

export interface NetOptions {
  /** Where to look for a GPU; by default what the browser, Deno, or the package `webgpu` gives. */
  readonly gpu?: GPU;
}

/** A WebGPU Program without the module that only the CPU's have. */
export type GpuPlan = Omit<Program, "module">;

/** @throws UserError when there is no GPU, or it cannot run the plan */
export function openGpu(plan: GpuPlan, options: NetOptions): Promise<Backend> {
  return createWebGpuBackend({ ...plan, module: new Uint8Array() }, options);
}

/** @throws UserError when the weights do not belong to the net */
export async function netOn(backend: Backend, { tensors, source }: NamedWeights): Promise<AsyncNet> {
  const { program, write, read, run } = backend;
  const state = { seed: 0, draw: 0, scalars: [] };
  try {
    loadWeights(program, write, tensors, { source });
  } catch (error) {
    backend.dispose();
    throw error;
  }
  for (const entryPoint of program.entryPoints) {
    if (entryPoint.kind === "prepare") await run(entryPoint, state);
  }
  return {
    // Everything up to the reading is asked for at once, so calls do not come between each other.
    predict: async (inputs) => {
      const candidates = predictionsOf(program);
      const entryPoint = bindInputs(write, candidates, inputs, `predict ${candidates[0]?.of ?? ""}`);
      void run(entryPoint, state);
      const outputs = await Promise.all(entryPoint.outputs.map(read));
      return onlyOutput(
        Object.fromEntries(entryPoint.outputs.map(({ name }, index) => [name, outputs[index]!])),
      );
    },
    backend: program.target,
    fallback: null,
    dispose: backend.dispose,
  };
}
