/** The weights that a bundle is loaded with. */
import type { NamedTensors, TensorLike } from "../tensor.js";
import { weightBuffers } from "../weights.js";
import { readSafetensors } from "../files/safetensors.js";
import type { Program } from "../program/program.js";
import { readBytes, type BytesSource } from "./bytes.js";

export interface NamedWeights {
  readonly tensors: NamedTensors<TensorLike>;
  /** What they are called in messages. */
  readonly source: string;
}

/**
 * None for a net without parameters, which needs none.
 * @throws UserError when they cannot be read
 */
export async function readWeightsFor(
  plan: Pick<Program, "buffers">,
  source: BytesSource,
): Promise<NamedWeights> {
  if (weightBuffers(plan).length === 0) return { tensors: {}, source: "the weights" };
  const { bytes, name } = await readBytes(source);
  return { tensors: readSafetensors(bytes, name).tensors, source: name };
}
