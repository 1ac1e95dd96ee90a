/** The code of every kernel family. */
import { unreachable } from "../../diagnostics/invariant.js";
import type { KernelSpec } from "../../select/kernel.js";
import type { KernelCode } from "./kernel-code.js";
import { conv } from "./conv/conv.js";
import { convInputGradient } from "./conv/input-gradient.js";
import { convWeightGradient } from "./conv/weight-gradient.js";
import { copy } from "./copy.js";
import { loop } from "./loop/loop.js";
import { matmul } from "./matmul.js";
import { pool } from "./pool/forward.js";
import { poolGradient } from "./pool/gradient.js";

export function kernelCode(spec: KernelSpec): KernelCode {
  switch (spec.family) {
    case "matmul":
      return matmul(spec);
    case "conv":
      return conv(spec);
    case "conv_input_gradient":
      return convInputGradient(spec);
    case "conv_weight_gradient":
      return convWeightGradient(spec);
    case "loop":
      return loop(spec);
    case "max_pool":
    case "avg_pool":
      return pool(spec);
    case "max_pool_gradient":
    case "avg_pool_gradient":
      return poolGradient(spec);
    case "copy":
      return copy(spec);
    default:
      return unreachable(spec, "kernel family");
  }
}
