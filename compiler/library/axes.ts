/** Axes given by users: counted from 0, or from the end when negative. */
import type { OperandShape } from "./definition.js";
import { describe, reject, type Rejected } from "./shape-results.js";

/** The axis counted from 0, for a tensor of this rank that is known to have it. */
export function positiveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The axis counted from 0, or the problem that the operand has no such axis. */
export function requireAxis(
  word: string,
  operand: OperandShape,
  axis: number,
): { readonly ok: true; readonly axis: number } | Rejected {
  const rank = operand.shape.length;
  if (axis >= -rank && axis < rank) return { ok: true, axis: positiveAxis(axis, rank) };
  const range = rank === 0 ? "it is a single number" : `its axes are 0 to ${String(rank - 1)}`;
  return reject(
    "setting",
    `${word} cannot work along axis ${String(axis)}: ${operand.name} is ${describe(operand.shape)}`,
    { notes: [range] },
  );
}

/** All axes of a shape. */
export function allAxes(shape: readonly unknown[]): number[] {
  return shape.map((_, axis) => axis);
}
