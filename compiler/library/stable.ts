/**
 * Formulas that stay finite where the textbook's overflow.
 *
 * Invariant: neither the values nor their derivatives overflow, on either side of a
 * choice, and the derivative is right at the point where the sides meet.
 */
import * as scalar from "./expressions.js";
import type { Expression } from "../../runtime/program/expression.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";

/** log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)) */
export function softplusOf(x: Expression): Expression {
  const isPositive = scalar.less(0, x);
  const positivePart = scalar.select(isPositive, x, 0);
  const negativeMagnitude = scalar.select(isPositive, scalar.negate(x), x);
  return scalar.add(positivePart, scalar.log(scalar.add(1, scalar.exp(negativeMagnitude))));
}

export interface Exponentials {
  /** x - max(x); the maximum counts as a constant, since softmax does not depend on it. */
  readonly shifted: ValueId;
  /** exp(shifted) */
  readonly exponentials: ValueId;
  /** Their sum along the axis, which stays with size 1. */
  readonly total: ValueId;
}

/** What softmax, log-softmax and cross-entropy share: exponentials of at most 1. */
export function exponentialsAlong(builder: GraphBuilder, x: ValueId, axis: number): Exponentials {
  const largest = builder.detach(builder.reduce("maximum", x, [axis]));
  const shifted = builder.subtract(x, largest);
  const exponentials = builder.unary("exp", shifted);
  return { shifted, exponentials, total: builder.reduce("sum", exponentials, [axis]) };
}

/** log(softmax(x)) along the axis. */
export function logSoftmaxAlong(builder: GraphBuilder, x: ValueId, axis: number): ValueId {
  const { shifted, total } = exponentialsAlong(builder, x, axis);
  return builder.subtract(shifted, builder.unary("log", total));
}

/** softmax(x) along the axis. */
export function softmaxAlong(builder: GraphBuilder, x: ValueId, axis: number): ValueId {
  const { exponentials, total } = exponentialsAlong(builder, x, axis);
  return builder.divide(exponentials, total);
}
