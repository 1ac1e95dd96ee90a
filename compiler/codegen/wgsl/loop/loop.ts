/** Fused pointwise work and reductions, in one dispatch. */
import type { LoopKernel } from "../../../select/kernel.js";
import { expressionsOf, normalAxes } from "../../loop/normal-axes.js";
import { operationCount } from "../../expressions.js";
import type { WgslKernel, WgslOptions } from "../kernel-code.js";
import { pointwiseDispatch } from "./pointwise.js";
import { rowsDispatch } from "./rows.js";

export function loop(spec: LoopKernel, options: WgslOptions): WgslKernel {
  const axes = normalAxes(spec);
  const elements = spec.domain.reduce((product, size) => product * size, 1);
  const operations = expressionsOf(spec).reduce((sum, expression) => sum + operationCount(expression), 0);
  return {
    inputs: spec.operands.length,
    outputs: spec.outputs.length,
    scratchBytes: 0,
    flops: elements * (operations + spec.reductions.length),
    dispatches: [
      spec.reductions.length === 0 ? pointwiseDispatch(spec, axes) : rowsDispatch(spec, axes, options),
    ],
  };
}
