/**
 * What is known about a size without knowing its variables: the interval it lies in,
 * and from that the answers yes, no or unknown to comparisons.
 *
 * The interval is found twice. Term by term, which takes H and floor(H / 2) for two numbers that
 * know nothing of each other; and, where that leaves it open, with each division by a number put
 * between two polynomials, (p - q + 1) / q <= floor(p / q) <= p / q, so that H - floor(H / 2) is
 * at least H / 2.
 *
 * Invariant: sound but not complete; "unknown" is always an allowed answer.
 */
import { withoutUpperHalves } from "./division.js";
import {
  type Atom,
  type Size,
  type Term,
  add,
  asConstant,
  collect,
  constant,
  equal,
  isRepresentable,
  multiply,
  subtract,
} from "./polynomial.js";

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
  const known = asConstant(size);
  if (known !== null) return { minimum: known, maximum: known };
  if (!isRepresentable(size)) return { minimum: Number.NEGATIVE_INFINITY, maximum: Number.POSITIVE_INFINITY };
  const byTerms = boundsByTerms(size, variables);
  // One term has nothing to be set against.
  if (size.terms.length < 2 || !size.terms.some(({ atoms }) => quotientOf(atoms) !== null)) return byTerms;
  const [least, most] = [relaxed(size, "below"), relaxed(size, "above")];
  if (!Number.isSafeInteger(least.denominator) || !Number.isSafeInteger(most.denominator)) return byTerms;
  return {
    minimum: Math.max(
      byTerms.minimum,
      Math.ceil(boundsByTerms(least.numerator, variables).minimum / least.denominator),
    ),
    maximum: Math.min(
      byTerms.maximum,
      Math.floor(boundsByTerms(most.numerator, variables).maximum / most.denominator),
    ),
  };
}

/** A polynomial that is divided by a positive number. */
interface Fraction {
  readonly numerator: Size;
  readonly denominator: number;
}

/** A fraction never above the size (or never below it) in which no term is a division by a number. */
function relaxed(size: Size, side: "below" | "above"): Fraction {
  let total: Fraction = { numerator: constant(0), denominator: 1 };
  for (const term of size.terms) total = addFractions(total, relaxedTerm(term, side));
  return total;
}

function relaxedTerm(term: Term, side: "below" | "above"): Fraction {
  const quotient = quotientOf(term.atoms);
  if (quotient === null) return { numerator: collect([term]), denominator: 1 };
  const isBelow = (side === "below") === term.coefficient > 0;
  const dividend = relaxed(quotient.dividend, isBelow ? "below" : "above");
  // floor(p / q) is at least (p - (q - 1)) / q.
  const slack = isBelow ? constant((1 - quotient.divisor) * dividend.denominator) : constant(0);
  return {
    numerator: multiply(constant(term.coefficient), add(dividend.numerator, slack)),
    denominator: dividend.denominator * quotient.divisor,
  };
}

function addFractions(left: Fraction, right: Fraction): Fraction {
  return {
    numerator: add(
      multiply(left.numerator, constant(right.denominator)),
      multiply(right.numerator, constant(left.denominator)),
    ),
    denominator: left.denominator * right.denominator,
  };
}

/** What is divided and by which number, when the product is one such rounded division; null for others. */
function quotientOf(atoms: readonly Atom[]): { readonly dividend: Size; readonly divisor: number } | null {
  const [atom] = atoms;
  if (atoms.length !== 1 || atom?.kind !== "floor") return null;
  const divisor = asConstant(atom.divisor);
  return divisor === null ? null : { dividend: atom.dividend, divisor };
}

function boundsByTerms(size: Size, variables: ReadonlyMap<string, Interval>): Interval {
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
  const difference = subtract(left, right);
  if (difference.terms.length > 1 && equal(withoutUpperHalves(difference), constant(0))) return "yes";
  const { minimum, maximum } = boundsOf(difference, variables);
  return minimum > 0 || maximum < 0 ? "no" : "unknown";
}

/** Whether left is less than right at all sizes (yes), at none (no), or at some perhaps. */
export function compareLess(left: Size, right: Size, variables?: ReadonlyMap<string, Interval>): Answer {
  const { minimum, maximum } = boundsOf(subtract(left, right), variables);
  return maximum < 0 ? "yes" : minimum >= 0 ? "no" : "unknown";
}
