/**
 * Shapes seen through reshapes. Two shapes with as many elements are cut into the
 * smallest groups of neighbouring axes that hold the same elements; inside a group one
 * can speak of the other's axes.
 */
import type { Expression } from "../../../runtime/program/expression.js";
import * as e from "../../ir/expressions.js";
import { denseStrides, elementCount, sameShape } from "../../ir/shapes.js";

/** Axes of two shapes with the same product. */
interface Group {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

function groupAxes(from: readonly number[], to: readonly number[]): readonly Group[] {
  const groups: Group[] = [];
  let nextFrom = 0;
  let nextTo = 0;
  while (nextFrom < from.length || nextTo < to.length) {
    const group = { from: [] as number[], to: [] as number[] };
    let fromProduct = 1;
    let toProduct = 1;
    do {
      if (nextFrom < from.length && (fromProduct <= toProduct || nextTo === to.length)) {
        fromProduct *= from[nextFrom]!;
        group.from.push(nextFrom++);
      } else {
        toProduct *= to[nextTo]!;
        group.to.push(nextTo++);
      }
    } while (fromProduct !== toProduct);
    groups.push(group);
  }
  return groups;
}

/**
 * The shape in which an operand that broadcasts to `from` broadcasts to `to` and meets the
 * same elements; null when there is none, or when the two hold different numbers of elements.
 */
export function translateShape(
  operand: readonly number[],
  from: readonly number[],
  to: readonly number[],
): readonly number[] | null {
  if (operand.length === 0) return elementCount(from) === elementCount(to) ? to.map(() => 1) : null;
  if (sameShape(from, to)) return operand;
  if (elementCount(from) !== elementCount(to)) return null;
  const translated = to.map(() => 1);
  for (const group of groupAxes(from, to)) {
    if (group.from.every((axis) => operand[axis] === 1)) continue;
    if (!group.from.every((axis) => operand[axis] === from[axis])) return null;
    for (const axis of group.to) translated[axis] = to[axis]!;
  }
  return translated;
}

/** The position along an axis of `from` as an expression over `to`; null when it cannot be said so. */
export function translateCoordinate(
  axis: number,
  from: readonly number[],
  to: readonly number[],
): Expression | null {
  if (from[axis] === 1) return e.constant(0);
  if (elementCount(from) !== elementCount(to)) return null;
  const group = groupAxes(from, to).find((candidate) => candidate.from.includes(axis));
  if (group === undefined || group.from.some((other) => other !== axis && from[other] !== 1)) return null;
  const strides = denseStrides(group.to.map((other) => to[other]!));
  return group.to
    .filter((other) => to[other] !== 1)
    .map((other) => e.multiply(e.coordinate(other), e.constant(strides[group.to.indexOf(other)]!)))
    .reduce((left, right) => e.add(left, right), e.constant(0));
}

/** An axis of a loop's domain while it grows. */
export interface Axis {
  readonly size: number;
  readonly reduced: boolean;
}

/** The axes of a shape that are longer than 1. */
export function axesOf(shape: readonly number[], reducedAxes: readonly number[]): readonly Axis[] {
  return shape.flatMap((size, axis) => (size === 1 ? [] : [{ size, reduced: reducedAxes.includes(axis) }]));
}

/** `axes` split no more than needed for the axes of `sizes` to be products of neighbours; null when impossible. */
function split(axes: readonly Axis[], sizes: readonly number[]): readonly (readonly Axis[])[] | null {
  if (elementCount(axes.map(({ size }) => size)) !== elementCount(sizes)) return null;
  const remaining = sizes.filter((size) => size !== 1);
  const result: Axis[][] = [];
  for (const { size, reduced } of axes) {
    const pieces: Axis[] = [];
    for (let left = size; left > 1;) {
      const next = remaining[0]!;
      if (left % next !== 0 && next % left !== 0) return null;
      const piece = Math.min(left, next);
      pieces.push({ size: piece, reduced });
      left /= piece;
      if (next === piece) remaining.shift();
      else remaining[0] = next / piece;
    }
    result.push(pieces);
  }
  return result;
}

/**
 * The domain in which the work of two clusters can stand together, or null when there is
 * none. Whether it reduces what both reduce is for the loop's writer to see.
 */
export function unify(left: readonly Axis[], right: readonly Axis[]): readonly Axis[] | null {
  const leftReduces = left.some(({ reduced }) => reduced);
  const rightReduces = right.some(({ reduced }) => reduced);
  if (!leftReduces && rightReduces) return unify(right, left);
  if (left.length === right.length && left.every(({ size }, axis) => size === right[axis]!.size)) return left;
  const sizes = right.map(({ size }) => size);
  const whole = split(left, sizes);
  if (whole !== null) return whole.flat();
  if (!leftReduces || rightReduces) return null;
  // The right one works on what the left one's reductions leave.
  const pieces = split(
    left.filter(({ reduced }) => !reduced),
    sizes,
  );
  if (pieces === null) return null;
  const next = pieces.values();
  return left.flatMap((axis) => (axis.reduced ? [axis] : next.next().value!));
}
