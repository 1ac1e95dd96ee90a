/**
 * Fused pointwise work and reductions. Four lanes run along the innermost axis: over
 * positions of one row when that axis is reduced, over neighbouring rows when it is kept.
 *
 * Invariant: a row's sums are added in an order that depends on shapes only.
 */
import type { LoopKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { i32 } from "../encoder/operators.js";
import type { I32, V128 } from "../encoder/value.js";
import type { KernelCall, KernelCode } from "../kernel-code.js";
import { expressionKey, operationCount } from "../../expressions.js";
import { vectorExpressions } from "../vector-expression.js";
import { floatBytes, groupCount, overGroups, storeLanes, vectorBytes, vectorLanes } from "../vectors.js";
import { all, share } from "../work.js";
import {
  leafReader,
  loopContext,
  outputTrack,
  tracksOf,
  type LeafReader,
  type LoopContext,
} from "./context.js";
import { expressionsOf, normalAxes, type NormalAxis } from "../../loop/normal-axes.js";
import { reduceAcrossRows, reduceAlongLanes, vectorsAtOnce } from "./reductions.js";
import { overAxes, siteAt, startSite, type Site } from "../walk.js";

/** With fewer outer units than this, threads divide a long innermost axis. */
const fewUnits = 8;
const longRow = 64;

export function loop(spec: LoopKernel): KernelCode {
  const elements = spec.domain.reduce((product, size) => product * size, 1);
  const operations = expressionsOf(spec).reduce((sum, expression) => sum + operationCount(expression), 0);
  return {
    inputs: spec.operands.length,
    outputs: spec.outputs.length,
    scratchBytes: 0,
    flops: elements * (operations + spec.reductions.length),
    sharing: () => {
      const axes = normalAxes(spec);
      return isElementwise(spec, axes) ? { key: elementwiseKey(spec, axes), length: axes[0]!.size } : null;
    },
    write: (f, call) => {
      const axes = normalAxes(spec);
      const context = loopContext(spec, axes, call);
      if (isElementwise(spec, axes)) writeElements(f, context, call);
      else if (axes.at(-1)!.isReduced) writeAlongLanes(f, context, call);
      else writeAcrossRows(f, context, call);
    },
  };
}

/** Whether all operands are dense or a single number, and positions do not matter. */
function isElementwise(spec: LoopKernel, axes: readonly NormalAxis[]): boolean {
  const [axis, ...others] = axes;
  return (
    others.length === 0 &&
    spec.reductions.length === 0 &&
    axis!.coordinate === null &&
    axis!.operandStrides.every((stride) => stride === 0 || stride === 1)
  );
}

function elementwiseKey({ operands, outputs }: LoopKernel, axes: readonly NormalAxis[]): string {
  const types = operands.map(({ dataType }) => dataType);
  return expressionKey([types, axes[0]!.operandStrides, outputs.map(({ expression }) => expression)]);
}

/** An elementwise loop of any length: vectors, then single elements. */
function writeElements(f: FunctionBuilder, context: LoopContext, call: KernelCall): void {
  const write = outputWriter(f, context, startSite(context.walk), outputsOver(context, ["domain", "kept"]));
  const { from, to } = share(f, call, i32.shiftRight(i32.add(call.length, vectorLanes - 1), 2));
  const whole = f.keep(i32.shiftRight(call.length, 2));
  f.range(
    i32.multiply(from, vectorBytes),
    i32.multiply(i32.minimum(to, whole), vectorBytes),
    vectorBytes,
    (at) => {
      write(at, 0, vectorLanes, []);
    },
  );
  f.if(i32.greater(to, whole), () => {
    f.range(i32.multiply(whole, vectorBytes), i32.multiply(call.length, floatBytes), floatBytes, (at) => {
      write(at, 0, 1, []);
    });
  });
}

/** The outputs of one kind, by their numbers. */
function outputsOver({ spec }: LoopContext, kinds: readonly ("domain" | "kept")[]): number[] {
  return [...spec.outputs.keys()].filter((index) => kinds.includes(spec.outputs[index]!.over));
}

/** The tracks that computing and storing outputs moves. */
function outputTracks(context: LoopContext, outputs: readonly number[]): Set<number> {
  const expressions = outputs.map((output) => context.spec.outputs[output]!.expression);
  return new Set([
    ...tracksOf(context, expressions),
    ...outputs.map((output) => outputTrack(context, output)),
  ]);
}

/** Computes and stores outputs at vectors of the row that begins at the site. */
function outputWriter(f: FunctionBuilder, context: LoopContext, site: Site, outputs: readonly number[]) {
  const expressions = outputs.map((output) => context.spec.outputs[output]!.expression);
  const leaves: LeafReader = leafReader(f, context, site, expressions);
  return (byteOffset: I32, vector: number, lanes: number, results: readonly V128[]): void => {
    const constantBytes = vector * vectorBytes;
    const values = vectorExpressions(f, expressions, leaves(byteOffset, constantBytes, lanes, results));
    for (const [index, output] of outputs.entries()) {
      const place = i32.add(site.places[outputTrack(context, output)]!, byteOffset);
      storeLanes(f, place, values[index]!, lanes, constantBytes);
    }
  };
}

/** The innermost axis is reduced: lanes are positions of one row. */
function writeAlongLanes(f: FunctionBuilder, context: LoopContext, call: KernelCall): void {
  const { walk, keptAxes, reducedAxes } = context;
  const rows = keptAxes.reduce((product, axis) => product * walk.sizes[axis]!, 1);
  const rowLength = walk.sizes.at(-1)!;
  const domainOutputs = outputsOver(context, ["domain"]);
  const keptOutputs = outputsOver(context, ["kept"]);
  const range = share(f, call, rows);
  f.range(range.from, range.to, 1, (row) => {
    const site = siteAt(f, walk, keptAxes, startSite(walk), row);
    const results = reduceAlongLanes(f, context, site);
    if (domainOutputs.length > 0) {
      const moved = outputTracks(context, domainOutputs);
      overAxes(f, walk, reducedAxes.slice(0, -1), moved, site, (at) => {
        const write = outputWriter(f, context, at, domainOutputs);
        overGroups(f, rowLength, 1, (byteOffset, [lanes]) => {
          write(byteOffset, 0, lanes!, results);
        });
      });
    }
    if (keptOutputs.length > 0) outputWriter(f, context, site, keptOutputs)(i32.constant(0), 0, 1, results);
  });
}

/** The innermost axis is kept: lanes are neighbouring rows, or positions where nothing is reduced. */
function writeAcrossRows(f: FunctionBuilder, context: LoopContext, call: KernelCall): void {
  const { walk, keptAxes, reducedAxes, spec } = context;
  const outerAxes = keptAxes.slice(0, -1);
  const rows = outerAxes.reduce((product, axis) => product * walk.sizes[axis]!, 1);
  const length = walk.sizes.at(-1)!;
  const isPointwise = reducedAxes.length === 0 && spec.reductions.length === 0;
  const vectors = isPointwise ? 1 : vectorsAtOnce(spec.reductions, length);
  const byGroups = rows < fewUnits && length >= longRow;
  const groups = byGroups ? share(f, call, groupCount(length, vectors)) : all(groupCount(length, vectors));
  const range = byGroups ? all(rows) : share(f, call, rows);
  f.range(range.from, range.to, 1, (row) => {
    const site = siteAt(f, walk, outerAxes, startSite(walk), row);
    const visit = isPointwise
      ? pointwiseWriter(f, context, site)
      : (byteOffset: I32, lanes: readonly number[]) => {
          writeRows(f, context, site, byteOffset, lanes);
        };
    overGroups(f, length, vectors, visit, groups);
  });
}

function pointwiseWriter(f: FunctionBuilder, context: LoopContext, site: Site) {
  const write = outputWriter(f, context, site, outputsOver(context, ["domain", "kept"]));
  return (byteOffset: I32, lanes: readonly number[]): void => {
    for (const [vector, count] of lanes.entries()) write(byteOffset, vector, count, []);
  };
}

/** Reduces neighbouring rows and writes their outputs. */
function writeRows(
  f: FunctionBuilder,
  context: LoopContext,
  site: Site,
  byteOffset: I32,
  lanes: readonly number[],
): void {
  const { walk, reducedAxes } = context;
  const domainOutputs = outputsOver(context, ["domain"]);
  const keptOutputs = outputsOver(context, ["kept"]);
  const results = reduceAcrossRows(f, context, site, byteOffset, lanes);
  const writeAll = (at: Site, outputs: readonly number[]): void => {
    const write = outputWriter(f, context, at, outputs);
    for (const [vector, count] of lanes.entries()) write(byteOffset, vector, count, results[vector]!);
  };
  if (domainOutputs.length > 0) {
    overAxes(f, walk, reducedAxes, outputTracks(context, domainOutputs), site, (at) => {
      writeAll(at, domainOutputs);
    });
  }
  if (keptOutputs.length > 0) writeAll(site, keptOutputs);
}
