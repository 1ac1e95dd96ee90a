/**
 * In-place rules of the CPU's kernels: which inputs an output may take the memory of.
 * Loops compute all outputs of a position before they store any, and read a position for
 * the last time when they write it; other kernels read around.
 */
import { inputsOf } from "../ir/expression-tree.js";
import { denseStrides, keptShape } from "../ir/shapes.js";
import type { KernelSpec, LoopKernel } from "./kernel.js";

/** For every output, the positions of the inputs whose memory it may take over. */
export function overwrites(kernel: KernelSpec): readonly (readonly number[])[] {
  if (kernel.family !== "loop") return [[]];
  return kernel.outputs.map((output) => loopOverwrites(kernel, output.over));
}

function loopOverwrites(
  { domain, reducedAxes, operands, outputs }: LoopKernel,
  over: "domain" | "kept",
): number[] {
  const shape = over === "domain" ? domain : keptShape(domain, reducedAxes);
  const dense = denseStrides(shape);
  // Outputs of rows and of positions are stored at different moments.
  const readByOthers = outputs.flatMap((other) =>
    other.over !== over && reducedAxes.length > 0 ? inputsOf(other.expression) : [],
  );
  return operands.flatMap(({ strides }, index) => {
    const coincides = domain.every((size, axis) => {
      return size === 1 || strides[axis] === (shape[axis] === size ? dense[axis] : 0);
    });
    return coincides && !readByOthers.includes(index) ? [index] : [];
  });
}
