/** The shaders of every kernel family. */
import { unreachable } from "../../diagnostics/invariant.js";
import type { KernelSpec } from "../../select/kernel.js";
import { copy } from "./copy.js";
import type { WgslKernel, WgslOptions } from "./kernel-code.js";
import { loop } from "./loop/loop.js";
import { pool } from "./pool.js";
import { conv, convInputGradient, convWeightGradient } from "./product/convolution.js";
import { matmul } from "./product/matmul.js";

export function wgslKernel(spec: KernelSpec, options: WgslOptions = { subgroups: false }): WgslKernel {
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
      return loop(spec, options);
    case "max_pool":
    case "avg_pool":
    case "max_pool_gradient":
    case "avg_pool_gradient":
      return pool(spec);
    case "copy":
      return copy(spec);
    default:
      return unreachable(spec, "kernel family");
  }
}
