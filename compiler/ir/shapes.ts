/**
 * Shapes and strides of dense row-major tensors, counted in elements.
 *
 * What passes ask of every node counts its way through a shape: iterators and closures would cost
 * more than the work itself, above all before the engine has optimized anything.
 */
import { invariant } from "../diagnostics/invariant.js";

/** The number of elements of a shape; 1 for rank 0. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (let axis = 0; axis < shape.length; axis++) count *= shape[axis]!;
  return count;
}

/** One stride per axis: [12, 4, 1] for [2, 3, 4]. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Whether two shapes are the same, axis by axis. */
export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  for (let axis = 0; axis < left.length; axis++) if (left[axis] !== right[axis]) return false;
  return true;
}

/** Whether an operand can be read at every position of `domain`: rank 0, or each size equal or 1. */
export function broadcastsTo(shape: readonly number[], domain: readonly number[]): boolean {
  if (shape.length === 0) return true;
  if (shape.length !== domain.length) return false;
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] !== domain[axis] && shape[axis] !== 1) return false;
  }
  return true;
}

/** The common shape of operands of one rank (or rank 0), or null when they do not fit together. */
export function commonShape(shapes: readonly (readonly number[])[]): readonly number[] | null {
  const common: number[] = [];
  for (const shape of shapes) {
    if (shape.length === 0) continue;
    if (common.length === 0) common.push(...shape);
    if (shape.length !== common.length) return null;
    for (let axis = 0; axis < shape.length; axis++) {
      const size = shape[axis]!;
      if (size === 1 || size === common[axis]) continue;
      if (common[axis] !== 1) return null;
      common[axis] = size;
    }
  }
  return common;
}

/**
 * How a dense operand of `shape` is read at the positions of `domain`: one stride per axis
 * of the domain, 0 where the operand broadcasts.
 */
export function broadcastStrides(shape: readonly number[], domain: readonly number[]): number[] {
  if (shape.length === 0) return domain.map(() => 0);
  invariant(broadcastsTo(shape, domain), () => `[${shape.join()}] does not broadcast to [${domain.join()}]`);
  const dense = denseStrides(shape);
  return domain.map((_, axis) => (shape[axis] === 1 ? 0 : dense[axis]!));
}

/** `shape` with the given axes at size 1: what a reduction leaves. */
export function keptShape(shape: readonly number[], reducedAxes: readonly number[]): number[] {
  return shape.map((size, axis) => (reducedAxes.includes(axis) ? 1 : size));
}

/** The axes that `shape` broadcasts over to fill `domain`; all of them for rank 0. */
export function broadcastAxes(shape: readonly number[], domain: readonly number[]): number[] {
  return domain.flatMap((size, axis) => (size !== 1 && (shape[axis] ?? 1) === 1 ? [axis] : []));
}
