/**
 * The runtime of a bundle that trains; see entry.ts. It makes the steps of one train
 * section, measures it and hands out the weights; batches come from whoever loads it.
 */
import { writeSafetensors } from "../files/safetensors.js";
import { fileArray } from "../files/array.js";
import type { Program } from "../program/program.js";
import { createSession } from "../session.js";
import { sectionSession } from "../train/section-session.js";
import type { BatchInputs } from "../data/batches.js";
import { type BytesSource, unpackBytes } from "./bytes.js";
import { readWeightsFor } from "./weights.js";

/** A WebAssembly module is beside the plan: the CPU's, or for WebGPU the one that draws weights and samples. */
export type TrainPlan = Omit<Program, "module" | "host"> & { readonly host: Omit<Program, "module"> | null };

export interface TrainingOptions {
  /** A 32-bit integer from which weights and random numbers follow; 0 by default. */
  readonly seed?: number;
  /** Steps of the whole run, for schedules; unlimited by default. */
  readonly steps?: number;
  readonly epochSteps?: number;
  /** Weights to begin with, instead of drawn ones. */
  readonly weights?: BytesSource;
  readonly gpu?: GPU;
}

/** Values by name. */
export type Measured = Readonly<Record<string, number>>;

export interface BundledTraining {
  /** All steps of the section for one batch, in order, and their losses from before the updates. */
  readonly step: (inputs: BatchInputs) => Promise<Measured>;
  /** Losses and metrics, in inference mode. */
  readonly evaluate: (inputs: BatchInputs) => Promise<Measured>;
  /** A safetensors file. */
  readonly weights: () => Promise<Uint8Array>;
  readonly backend: Program["target"];
  readonly dispose: () => void;
}

/** @throws UserError when there is no GPU where one is needed, or the weights do not fit */
export async function openNet(
  plan: TrainPlan,
  code: string,
  options: TrainingOptions = {},
): Promise<BundledTraining> {
  const { seed = 0, steps = Infinity, epochSteps = Infinity, weights, gpu } = options;
  const module = await unpackBytes(code);
  const host = plan.host === null ? null : { ...plan.host, module };
  const program: Program = { ...plan, module: host === null ? module : new Uint8Array(), host };
  const session = await createSession(program, {
    seed,
    ...(gpu === undefined ? {} : { gpu }),
    ...(weights === undefined ? {} : { weights: (await readWeightsFor(program, weights)).tensors }),
  });
  session.setRun({ steps, epochSteps });
  const section = sectionSession(session, { section: program.name, identity: "" });
  let made = 0;
  return {
    step: async (inputs) => byName(section.losses, await section.step(inputs, made++)),
    evaluate: async (inputs) => byName(section.metrics, await section.evaluate(inputs)),
    weights: async () => {
      const tensors = [...(await session.weights())].map(
        ([name, tensor]) => [name, fileArray(tensor)] as const,
      );
      return writeSafetensors(new Map(tensors));
    },
    backend: program.target,
    dispose: session.dispose,
  };
}

function byName(names: readonly string[], values: readonly number[]): Measured {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
}
