/** Mean 0 and variance 1 over some axes: what all norms share. */
import * as scalar from "./expressions.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";

export interface Centred {
  /** Over the axes, which stay with size 1. */
  readonly mean: ValueId;
  readonly centred: ValueId;
  /** Biased: divided by the number of values. */
  readonly variance: ValueId;
}

/** Takes the mean out, in two passes, which stays exact where the mean is large. */
export function centre(builder: GraphBuilder, x: ValueId, axes: readonly number[]): Centred {
  const mean = builder.mean(x, axes);
  const centred = builder.subtract(x, mean);
  const variance = builder.mean(builder.multiply(centred, centred), axes);
  return { mean, centred, variance };
}

/** 1 / sqrt(variance + eps) */
export function inverseDeviation(builder: GraphBuilder, variance: ValueId, eps: number): ValueId {
  const deviation = builder.map(scalar.sqrt(scalar.add(scalar.input(0), eps)), [variance]);
  return builder.map(scalar.divide(1, scalar.input(0)), [deviation]);
}

/** (x - mean) / sqrt(variance + eps) over the axes. */
export function standardize(
  builder: GraphBuilder,
  x: ValueId,
  axes: readonly number[],
  eps: number,
): ValueId {
  const { centred, variance } = centre(builder, x, axes);
  return builder.multiply(centred, inverseDeviation(builder, variance, eps));
}
