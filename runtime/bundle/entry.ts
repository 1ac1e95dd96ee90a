/**
 * The runtime of a bundle for the CPU: what a net needs to predict, in Node and in browsers
 * alike. scripts/build.mjs minifies this file with all it imports; compiler/bundle writes
 * the result into every bundle, whose `.d.ts` states the types.
 */
import type { Inputs } from "../inputs.js";
import { createPredictor } from "../cpu/predictor.js";
import type { Program } from "../program/program.js";
import { unpackBytes, type BytesSource } from "./bytes.js";
import { onlyOutput, type Prediction } from "./prediction.js";
import { readWeightsFor } from "./weights.js";

export interface BundledNet {
  readonly predict: (inputs: Inputs) => Prediction;
}

/**
 * Loads the weights into the net; one without parameters needs none.
 * @param plan the Program without its module
 * @param code the module, packed by compiler/bundle/text.ts
 * @throws UserError when the weights cannot be read or do not belong to the net
 */
export async function openNet(
  plan: Omit<Program, "module">,
  code: string,
  weights: BytesSource,
): Promise<BundledNet> {
  const [module, { tensors, source }] = await Promise.all([unpackBytes(code), readWeightsFor(plan, weights)]);
  const predictor = await createPredictor({ ...plan, module });
  predictor.load(tensors, { source });
  return { predict: (inputs) => onlyOutput(predictor.predict(inputs)) };
}
