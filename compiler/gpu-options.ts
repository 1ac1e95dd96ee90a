/** What a program for a GPU may make use of, where the adapter has it. */
import type { Program } from "../runtime/program/program.js";
import { UserError } from "../runtime/program/user-error.js";
import type { EntryPointRequest } from "./entry-points.js";

export type Precision = "float32" | "float16";

export interface GpuOptions {
  /**
   * What weights and activations are stored as; "float32" by default. With "float16" they
   * take half the memory, and are still computed with in float32. For inference only, on
   * adapters with the feature `shader-f16`.
   */
  readonly precision?: Precision;
  /**
   * Whether long rows are added up over subgroups, on adapters with that feature; false by
   * default. Sums then differ in their last bits between adapters with subgroups of other sizes.
   */
  readonly subgroups?: boolean;
}

/** @throws UserError when they are asked of the CPU, or float16 of what trains */
export function refuseMisuse(
  { precision, subgroups = false }: GpuOptions,
  target: Program["target"],
  requests: readonly EntryPointRequest[],
): void {
  const option = precision === "float16" ? precision : subgroups ? "subgroups" : null;
  if (option !== null && target !== "webgpu") {
    throw new UserError(
      `${option} is for WebGPU, and the program is for the CPU`,
      "Compile it for WebGPU, or leave that out.",
    );
  }
  const training = requests.find(({ kind }) => kind === "step" || kind === "gradient" || kind === "probe");
  if (precision === "float16" && training !== undefined && training.kind !== "predict") {
    throw new UserError(
      `float16 is for inference, and the program trains ${training.section}`,
      "Gradients and optimizers need float32: leave float16 out.",
    );
  }
}
