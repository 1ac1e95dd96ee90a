/** The runtime of a bundle for WebGPU, and for the CPU where there is none; see entry.ts. */
import { createPredictor } from "../cpu/predictor.js";
import type { Backend } from "../backend.js";
import type { Program } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import { type BytesSource, unpackBytes } from "./bytes.js";
import { type AsyncNet, type GpuPlan, netOn, type NetOptions, openGpu } from "./gpu-net.js";
import { onlyOutput } from "./prediction.js";
import { type NamedWeights, readWeightsFor } from "./weights.js";

export interface BothPlans {
  readonly gpu: GpuPlan;
  readonly cpu: Omit<Program, "module">;
  /** The module of the CPU's, packed by compiler/bundle/text.ts. */
  readonly code: string;
}

export interface ChoiceOptions extends NetOptions {
  /** Insists on one of them; by default the GPU where it can be had. */
  readonly backend?: Program["target"];
}

/** @throws UserError when the weights are wrong, or a GPU is insisted on and cannot run the net */
export async function openNet(
  plans: BothPlans,
  weights: BytesSource,
  options: ChoiceOptions = {},
): Promise<AsyncNet> {
  const named = await readWeightsFor(plans.cpu, weights);
  if (options.backend === "cpu") return cpuNet(plans, named, null);
  let backend: Backend;
  try {
    backend = await openGpu(plans.gpu, options);
  } catch (error) {
    if (options.backend === "webgpu" || !(error instanceof UserError)) throw error;
    return cpuNet(plans, named, error.message);
  }
  return netOn(backend, named);
}

async function cpuNet(
  { cpu, code }: BothPlans,
  { tensors, source }: NamedWeights,
  fallback: string | null,
): Promise<AsyncNet> {
  const predictor = await createPredictor({ ...cpu, module: await unpackBytes(code) });
  predictor.load(tensors, { source });
  return {
    predict: (inputs) => Promise.resolve().then(() => onlyOutput(predictor.predict(inputs))),
    backend: "cpu",
    fallback,
    dispose: () => undefined,
  };
}
