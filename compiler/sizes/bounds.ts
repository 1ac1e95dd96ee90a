/**
 * What is known about a size without knowing its variables: the interval it lies in,
 * and from that the answers yes, no or unknown to comparisons.
 *
 * Invariant: sound but not complete; "unknown" is always an allowed answer.
 */
import { type Atom, type Size, equal, isRepresentable, subtract } from "./polynomial.js";

/** An inclusive interval; the ends may be infinite. */
export interface Interval {
  readonly minimum: number;
  readonly maximum: number;
}

export type Answer = "yes" | "no" | "unknown";

/** Every axis has at least one element. */
const anySize: Interval = { minimum: 1, maximum: Number.POSITIVE_INFINITY };

/** The interval a size lies in, for variables in the given intervals (at least 1 by default). */
export function boundsOf(size: Size, variables: ReadonlyMap<string, Interval> = new Map()): Interval {
  if (!isRepresentable(size)) return { minimum: Number.NEGATIVE_INFINITY, maximum: Number.POSITIVE_INFINITY };
  let total: Interval = { minimum: 0, maximum: 0 };
  for (const { coefficient, atoms } of size.terms) {
    let product: Interval = { minimum: coefficient, maximum: coefficient };
    for (const atom of atoms) product = multiplyIntervals(product, boundsOfAtom(atom, variables));
    total = { minimum: total.minimum + product.minimum, maximum: total.maximum + product.maximum };
  }
  return total;
}

function boundsOfAtom(atom: Atom, variables: ReadonlyMap<string, Interval>): Interval {
  if (atom.kind === "variable") return variables.get(atom.name) ?? anySize;
  const dividend = boundsOf(atom.dividend, variables);
  const divisor = boundsOf(atom.divisor, variables);
  const round = atom.kind === "floor" ? Math.floor : Math.ceil;
  const least = Math.max(1, divisor.minimum);
  const ends = [dividend.minimum, dividend.maximum].flatMap((value) => [
    quotient(value, least),
    quotient(value, divisor.maximum),
  ]);
  return { minimum: round(Math.min(...ends)), maximum: round(Math.max(...ends)) };
}

function quotient(dividend: number, divisor: number): number {
  if (divisor === Number.POSITIVE_INFINITY) return Number.isFinite(dividend) ? 0 : dividend;
  return dividend / divisor;
}

function multiplyIntervals(left: Interval, right: Interval): Interval {
  const ends = [
    product(left.minimum, right.minimum),
    product(left.minimum, right.maximum),
    product(left.maximum, right.minimum),
    product(left.maximum, right.maximum),
  ];
  return { minimum: Math.min(...ends), maximum: Math.max(...ends) };
}

/** The product, with 0 times infinity as 0: an end of an interval, not a limit. */
function product(left: number, right: number): number {
  return left === 0 || right === 0 ? 0 : left * right;
}

/** Whether left equals right at all sizes (yes), at none (no), or at some perhaps. */
export function compareEqual(left: Size, right: Size, variables?: ReadonlyMap<string, Interval>): Answer {
  if (equal(left, right)) return "yes";
  const { minimum, maximum } = boundsOf(subtract(left, right), variables);
  return minimum > 0 || maximum < 0 ? "no" : "unknown";
}

/** Whether left is less than right at all sizes (yes), at none (no), or at some perhaps. */
export function compareLess(left: Size, right: Size, variables?: ReadonlyMap<string, Interval>): Answer {
  const { minimum, maximum } = boundsOf(subtract(left, right), variables);
  return maximum < 0 ? "yes" : minimum >= 0 ? "no" : "unknown";
}
