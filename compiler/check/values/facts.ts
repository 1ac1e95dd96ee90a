/**
 * What a `where` states, in the form in which proofs use it: replacements that make
 * equal sizes look equal, and intervals.
 *
 * Invariant: under a replacement, the variable keeps its name and stands for its quotient:
 * after `where H % 32 == 0`, H is replaced by 32*H in both sides of a proof.
 */
import {
  type Atom,
  type Interval,
  type Size,
  asConstant,
  asVariable,
  constant,
  equal,
  modulo,
  multiply,
  negate,
  subtract,
  substitute,
  variable,
} from "../../sizes/size.js";
import type { Condition } from "./condition.js";

export interface Facts {
  readonly replacements: ReadonlyMap<string, Size>;
  readonly bounds: ReadonlyMap<string, Interval>;
}

export const noFacts: Facts = { replacements: new Map(), bounds: new Map() };

/** The size with everything the facts say about its variables put in. */
export function withFacts(size: Size, facts: Facts): Size {
  return substitute(size, facts.replacements);
}

/** The facts and one more; a condition of a form that proofs cannot use adds nothing. */
export function assume(facts: Facts, condition: Condition): Facts {
  if (condition.kind === "and") return assume(assume(facts, condition.left), condition.right);
  if (condition.kind !== "compare") return facts;
  switch (condition.relation) {
    case "==":
      return assumeEqual(facts, condition.left, condition.right);
    case "<":
      return assumeAtMost(facts, condition.left, subtract(condition.right, constant(1)));
    case "<=":
      return assumeAtMost(facts, condition.left, condition.right);
    case "!=":
      return facts;
  }
}

function assumeEqual(facts: Facts, left: Size, right: Size): Facts {
  const divisible = asDivisible(left, right);
  if (divisible !== null) {
    const { name, divisor } = divisible;
    if (facts.replacements.has(name)) return facts;
    return replace(facts, name, multiply(constant(divisor), variable(name)), divisor);
  }
  const name = asVariable(left) ?? asVariable(right);
  if (name === null || facts.replacements.has(name)) return facts;
  const other = asVariable(left) === name ? right : left;
  return replace(facts, name, withFacts(other, facts), null);
}

/** Replaces a variable; its bounds become those of the quotient, or are forgotten. */
function replace(facts: Facts, name: string, replacement: Size, divisor: number | null): Facts {
  const bounds = new Map(facts.bounds);
  const known = bounds.get(name);
  bounds.delete(name);
  if (known !== undefined && divisor !== null) {
    bounds.set(name, {
      minimum: Math.ceil(known.minimum / divisor),
      maximum: Math.floor(known.maximum / divisor),
    });
  }
  return { replacements: new Map(facts.replacements).set(name, replacement), bounds };
}

/** `H % 32 == 0`, that is, H - 32*floor(H / 32) == 0 for one variable H. */
function asDivisible(left: Size, right: Size): { name: string; divisor: number } | null {
  const difference = subtract(left, right);
  for (const { atoms } of difference.terms) {
    const [atom] = atoms;
    if (atoms.length !== 1 || atom!.kind !== "floor") continue;
    const divisor = asConstant(atom!.divisor);
    const name = asVariable(atom!.dividend);
    if (divisor === null || name === null) continue;
    const rest = modulo(variable(name), constant(divisor));
    if (equal(difference, rest) || equal(difference, negate(rest))) return { name, divisor };
  }
  return null;
}

/** Only a bound on a single variable is kept: `32 <= H`, `H + 1 <= 512`, `4 <= H / 2`. */
function assumeAtMost(facts: Facts, smaller: Size, larger: Size): Facts {
  const slack = subtract(larger, smaller);
  const offset = slack.terms.find(({ atoms }) => atoms.length === 0)?.coefficient ?? 0;
  const [term, ...others] = subtract(slack, constant(offset)).terms;
  const [atom] = term?.atoms ?? [];
  if (term?.atoms.length !== 1 || atom === undefined || others.length > 0) return facts;
  // coefficient * atom + offset >= 0
  const bound = -offset / term.coefficient;
  const [least, most] =
    term.coefficient > 0 ? [Math.ceil(bound), Infinity] : [Number.NEGATIVE_INFINITY, Math.floor(bound)];
  return assumeBetween(facts, atom, least, most);
}

/** least <= atom <= most, where one of the two is infinite. */
function assumeBetween(facts: Facts, atom: Atom, least: number, most: number): Facts {
  if (atom.kind === "variable") {
    return narrow(facts, atom.name, { minimum: Math.max(1, least), maximum: most });
  }
  const divisor = asConstant(atom.divisor);
  if (atom.kind !== "floor" || divisor === null) return facts;
  return Number.isFinite(least)
    ? assumeAtMost(facts, constant(least * divisor), atom.dividend)
    : assumeAtMost(facts, atom.dividend, constant((most + 1) * divisor - 1));
}

function narrow(facts: Facts, name: string, interval: Interval): Facts {
  // A replaced variable stands for its quotient, of which the interval says something else.
  if (facts.replacements.has(name)) return facts;
  const known = facts.bounds.get(name) ?? { minimum: 1, maximum: Infinity };
  const bounds = {
    minimum: Math.max(known.minimum, interval.minimum),
    maximum: Math.min(known.maximum, interval.maximum),
  };
  return { ...facts, bounds: new Map(facts.bounds).set(name, bounds) };
}
