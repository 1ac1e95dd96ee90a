/**
 * What all parts of a loop's code know: the normal axes, the tracks of its tensors, and
 * how the leaves of expressions are read at a site.
 *
 * Invariant: lanes lie along the last axis, whose stride in the domain is 1.
 */
import type { Expression } from "../../../../runtime/program/expression.js";
import type { LoopKernel } from "../../../select/kernel.js";
import { callValue, type FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32, i32x4 } from "../encoder/operators.js";
import type { I32, V128 } from "../encoder/value.js";
import type { KernelCall, KernelEnvironment } from "../kernel-code.js";
import { rowReader, type RowReader } from "../rows.js";
import { forEachNode } from "../../../ir/expression-tree.js";
import type { VectorLeaves } from "../vector-expression.js";
import { floatBytes, laneNumbers } from "../vectors.js";
import type { NormalAxis } from "../../loop/normal-axes.js";
import type { Site, Track, Walk } from "../walk.js";

export interface LoopContext {
  readonly spec: LoopKernel;
  readonly axes: readonly NormalAxis[];
  readonly environment: KernelEnvironment;
  /** Tracks: the operands, the outputs, then the element's number. */
  readonly walk: Walk;
  readonly keptAxes: readonly number[];
  readonly reducedAxes: readonly number[];
}

export function loopContext(spec: LoopKernel, axes: readonly NormalAxis[], call: KernelCall): LoopContext {
  const steps = (step: (axis: NormalAxis) => number): number[] => axes.map((axis) => floatBytes * step(axis));
  const operands = spec.operands.map((_, index): Track => ({
    start: call.inputs[index]!,
    steps: steps((axis) => axis.operandStrides[index]!),
  }));
  const outputs = spec.outputs.map(({ over }, index): Track => ({
    start: call.outputs[index]!,
    steps: steps((axis) => (over === "domain" ? axis.domainStride : axis.keptStride)),
  }));
  const element: Track = { start: i32.constant(0), steps: axes.map(({ domainStride }) => domainStride) };
  const numbers = axes.map((_, index) => index);
  return {
    spec,
    axes,
    environment: call.environment,
    walk: { sizes: axes.map(({ size }) => size), tracks: [...operands, ...outputs, element] },
    keptAxes: numbers.filter((axis) => !axes[axis]!.isReduced),
    reducedAxes: numbers.filter((axis) => axes[axis]!.isReduced),
  };
}

export function outputTrack({ spec }: LoopContext, output: number): number {
  return spec.operands.length + output;
}

/** The tracks that expressions read. */
export function tracksOf({ spec }: LoopContext, expressions: readonly Expression[]): Set<number> {
  const tracks = new Set<number>();
  for (const expression of expressions) {
    forEachNode(expression, (part) => {
      if (part.kind === "input") tracks.add(part.index);
      if (part.kind === "random") tracks.add(spec.operands.length + spec.outputs.length);
    });
  }
  return tracks;
}

/** Reads the leaves at a vector: at a byte offset, plus a constant one, in the row that begins at the site. */
export type LeafReader = (
  byteOffset: I32,
  constantBytes: number,
  lanes: number,
  reduced: readonly V128[],
) => VectorLeaves;

/** Prepares to read the leaves of some expressions along the last axis. */
export function leafReader(
  f: FunctionBuilder,
  context: LoopContext,
  site: Site,
  expressions: readonly Expression[],
): LeafReader {
  const { spec, axes, environment } = context;
  const last = axes.length - 1;
  const used = tracksOf(context, expressions);
  const readers = spec.operands.map(({ dataType }, index): RowReader | null =>
    used.has(index)
      ? rowReader(f, { dataType, address: site.places[index]!, stride: axes[last]!.operandStrides[index]! })
      : null,
  );
  return (byteOffset, constantBytes, lanes, reduced) => {
    const position = (): I32 => i32.add(i32.shiftRight(byteOffset, 2), constantBytes / floatBytes);
    return {
      input: (index) => readers[index]!(byteOffset, lanes, constantBytes),
      reduced: (index) => reduced[index]!,
      coordinate: (original) => {
        const axis = axes.findIndex(({ coordinate }) => coordinate === original);
        if (axis === -1) return f32x4.constant(0);
        if (axis !== last) return f32x4.fromI32(i32x4.splat(site.coordinates.get(axis)!));
        return f32x4.fromI32(i32x4.add(i32x4.splat(position()), laneNumbers));
      },
      random: (stream, offset) => {
        const element = i32.add(i32.add(site.places.at(-1)!, position()), offset);
        return callValue(environment.random(), "v128", [
          i32x4.add(i32x4.splat(element), laneNumbers),
          i32.constant(stream),
        ]);
      },
    };
  };
}
