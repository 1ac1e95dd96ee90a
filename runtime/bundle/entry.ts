/**
 * The runtime of a bundle: what a net needs to predict, in Node and in browsers alike.
 * scripts/build.mjs minifies this file with all it imports; compiler/bundle writes the
 * result into every bundle, whose `.d.ts` states the types.
 */
import type { Inputs } from "../cpu/inputs.js";
import { createPredictor } from "../cpu/predictor.js";
import { weightBuffers } from "../cpu/weights.js";
import { readSafetensors } from "../files/safetensors.js";
import type { Program } from "../program/program.js";
import type { Tensor } from "../tensor.js";
import { readBytes, unpackBytes, type BytesSource } from "./bytes.js";

export interface BundledNet {
  /** The net's one output, or all by name. */
  readonly predict: (inputs: Inputs) => Tensor | Readonly<Record<string, Tensor>>;
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
  const [module, file] = await Promise.all([
    unpackBytes(code),
    weightBuffers(plan).length === 0 ? null : readBytes(weights),
  ]);
  const predictor = await createPredictor({ ...plan, module });
  const tensors = file === null ? {} : readSafetensors(file.bytes, file.name).tensors;
  predictor.load(tensors, { source: file?.name ?? "the weights" });
  return {
    predict: (inputs) => {
      const outputs = predictor.predict(inputs);
      const [only, ...others] = Object.values(outputs);
      return only !== undefined && others.length === 0 ? only : outputs;
    },
  };
}
