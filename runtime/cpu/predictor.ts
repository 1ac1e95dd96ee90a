/**
 * Inference alone: weights in, predictions out, on one thread. What a bundle is made of;
 * training, checkpoints and threads are the session's.
 */
import type { Place } from "../backend.js";
import type { Program } from "../program/program.js";
import type { NamedTensors, Tensor, TensorLike } from "../tensor.js";
import { predictionsOf } from "../find-predictions.js";
import { createEngine, type Engine } from "./engine.js";
import { bindInputs, type Inputs } from "../inputs.js";
import { floatsAt, integersAt, readTensor } from "./memory.js";
import { type LoadOptions, type LoadReport, loadWeights } from "../weights.js";

export interface Predictor {
  readonly engine: Engine;
  /** Copies weights in and makes what is derived from them. */
  readonly load: (weights: NamedTensors<TensorLike>, options?: LoadOptions) => LoadReport;
  /** The outputs of the net, by name, for inputs of a batch size it was compiled for. */
  readonly predict: (inputs: Inputs, net?: string) => Readonly<Record<string, Tensor>>;
}

export async function createPredictor(program: Program): Promise<Predictor> {
  const engine = await createEngine(program);
  const write = (place: Place, data: ArrayLike<number>) => {
    (place.dataType === "f32" ? floatsAt : integersAt)(engine.memory, place).set(data);
  };
  return {
    engine,
    load: (weights, options) => {
      const report = loadWeights(program, write, weights, options);
      for (const entryPoint of program.entryPoints) {
        if (entryPoint.kind === "prepare") engine.run(entryPoint);
      }
      return report;
    },
    predict: (inputs, net) => {
      const candidates = predictionsOf(program, net);
      const entryPoint = bindInputs(write, candidates, inputs, `predict ${candidates[0]?.of ?? ""}`);
      engine.run(entryPoint);
      return readOutputs(engine, entryPoint);
    },
  };
}

/** Copies of what the entry point has computed. */
export function readOutputs(
  engine: Engine,
  { outputs }: Program["entryPoints"][number],
): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(outputs.map((binding) => [binding.name, readTensor(engine.memory, binding)]));
}
