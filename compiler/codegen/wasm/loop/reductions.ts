/**
 * Reductions of a loop: vectors of partial results, combined in a fixed order.
 *
 * Invariant: sums run along the innermost reduced axis and are then added up over the
 * outer ones, so no chain of additions is longer than an axis.
 */
import type { Expression } from "../../../../runtime/program/expression.js";
import type { Combine } from "../../../ir/graph.js";
import type { LoopKernel } from "../../../select/kernel.js";
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, v128 } from "../encoder/operators.js";
import type { I32, Local, V128 } from "../encoder/value.js";
import { operationCount } from "../../expressions.js";
import { passesOf } from "../../loop/passes.js";
import { vectorExpressions } from "../vector-expression.js";
import { acrossLanes, laneMask, overGroups, vectorBytes, vectorLanes } from "../vectors.js";
import { leafReader, tracksOf, type LeafReader, type LoopContext } from "./context.js";
import { overAxes, type Site } from "../walk.js";

type Reductions = LoopKernel["reductions"];

/** Vectors to run side by side: enough to hide the latency of additions, if the work is light. */
export function vectorsAtOnce(reductions: Reductions, size: number): number {
  const operations = reductions.reduce((sum, { expression }) => sum + operationCount(expression), 0);
  const most = operations <= 8 ? Math.max(1, Math.floor(4 / reductions.length)) : 1;
  return Math.min(most, Math.ceil(size / vectorLanes));
}

function start(combine: Combine): V128 {
  return f32x4.constant(combine === "sum" ? 0 : -Infinity);
}

const combineVectors: Readonly<Record<Combine, (left: V128, right: V128) => V128>> = {
  sum: f32x4.add,
  maximum: f32x4.maximum,
};

/** Lanes beyond the first few, replaced by what changes no result. */
function masked(combine: Combine, vector: V128, lanes: number): V128 {
  if (lanes === vectorLanes) return vector;
  return combine === "sum"
    ? v128.and(vector, laneMask(lanes))
    : v128.select(laneMask(lanes), vector, start(combine));
}

/** For every reduction of a pass, partial results side by side. */
interface Accumulators {
  readonly sums: readonly (readonly Local<"v128">[])[];
  readonly reset: () => void;
}

function accumulators(f: FunctionBuilder, combines: readonly Combine[], vectors: number): Accumulators {
  const sums = combines.map(() => Array.from({ length: vectors }, () => f.local("v128")));
  const reset = (): void => {
    for (const [index, row] of sums.entries()) for (const sum of row) f.set(sum, start(combines[index]!));
  };
  reset();
  return { sums, reset };
}

interface Pass {
  readonly combines: readonly Combine[];
  readonly expressions: readonly Expression[];
}

function passOf(reductions: Reductions, indices: readonly number[]): Pass {
  return {
    combines: indices.map((index) => reductions[index]!.combine),
    expressions: indices.map((index) => reductions[index]!.expression),
  };
}

/**
 * Accumulates over the outer reduced axes; `inner` accumulates at one site into the sums
 * it is given.
 */
function overReducedAxes(
  f: FunctionBuilder,
  context: LoopContext,
  site: Site,
  pass: Pass,
  vectors: number,
  axes: { readonly outer: readonly number[]; readonly inner: readonly number[] },
  inner: (site: Site, sums: Accumulators["sums"]) => void,
): Accumulators["sums"] {
  const moved = tracksOf(context, pass.expressions);
  const totals = accumulators(f, pass.combines, vectors);
  if (axes.outer.length === 0) {
    overAxes(f, context.walk, axes.inner, moved, site, (at) => {
      inner(at, totals.sums);
    });
    return totals.sums;
  }
  const partial = accumulators(f, pass.combines, vectors);
  overAxes(f, context.walk, axes.outer, moved, site, (outerSite) => {
    partial.reset();
    overAxes(f, context.walk, axes.inner, moved, outerSite, (at) => {
      inner(at, partial.sums);
    });
    for (const [index, combine] of pass.combines.entries()) {
      for (const [vector, total] of totals.sums[index]!.entries()) {
        f.set(total, combineVectors[combine](total, partial.sums[index]![vector]!));
      }
    }
  });
  return totals.sums;
}

function accumulate(
  f: FunctionBuilder,
  pass: Pass,
  sums: Accumulators["sums"],
  leaves: LeafReader,
  byteOffset: I32,
  vector: number,
  lanes: number,
  results: readonly V128[],
  mask: boolean,
): void {
  const values = vectorExpressions(
    f,
    pass.expressions,
    leaves(byteOffset, vector * vectorBytes, lanes, results),
  );
  for (const [index, combine] of pass.combines.entries()) {
    const sum = sums[index]![vector]!;
    const value = values[index]!;
    f.set(sum, combineVectors[combine](sum, mask ? masked(combine, value, lanes) : value));
  }
}

/** All reductions of one row whose innermost axis is reduced: the results, equal in all lanes. */
export function reduceAlongLanes(f: FunctionBuilder, context: LoopContext, site: Site): V128[] {
  const { reductions } = context.spec;
  const last = context.axes.length - 1;
  const { size } = context.axes[last]!;
  const outer = context.reducedAxes.slice(0, -1);
  const results: V128[] = [];
  for (const indices of passesOf(reductions)) {
    const pass = passOf(reductions, indices);
    const vectors = vectorsAtOnce(
      indices.map((index) => reductions[index]!),
      size,
    );
    const sums = overReducedAxes(f, context, site, pass, vectors, { outer, inner: [] }, (at, partial) => {
      const leaves = leafReader(f, context, at, pass.expressions);
      overGroups(f, size, vectors, (byteOffset, lanes) => {
        for (const [vector, count] of lanes.entries()) {
          accumulate(f, pass, partial, leaves, byteOffset, vector, count, results, true);
        }
      });
    });
    for (const [index, combine] of pass.combines.entries()) {
      const combined = sums[index]!.reduce<V128>(
        (left, right) => combineVectors[combine](left, right),
        start(combine),
      );
      results[indices[index]!] = acrossLanes(f, combined, combineVectors[combine]);
    }
  }
  return results;
}

/**
 * All reductions of neighbouring rows, one row per lane: for each vector, the results.
 * `lanes` are those in use of each vector.
 */
export function reduceAcrossRows(
  f: FunctionBuilder,
  context: LoopContext,
  site: Site,
  byteOffset: I32,
  lanes: readonly number[],
): V128[][] {
  const { reductions } = context.spec;
  const results: V128[][] = lanes.map(() => []);
  const axes = { outer: context.reducedAxes.slice(0, -1), inner: context.reducedAxes.slice(-1) };
  for (const indices of passesOf(reductions)) {
    const pass = passOf(reductions, indices);
    const sums = overReducedAxes(f, context, site, pass, lanes.length, axes, (at, partial) => {
      const leaves = leafReader(f, context, at, pass.expressions);
      for (const [vector, count] of lanes.entries()) {
        accumulate(f, pass, partial, leaves, byteOffset, vector, count, results[vector]!, false);
      }
    });
    for (const [index, row] of sums.entries()) {
      for (const [vector, sum] of row.entries()) results[vector]![indices[index]!] = sum;
    }
  }
  return results;
}
