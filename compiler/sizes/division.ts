/**
 * Floor and ceiling division of sizes, in normal form.
 *
 * Invariant: with a number as divisor only `floor` atoms remain, whose coefficients all
 * lie in [0, divisor) and have no factor in common with it; nested divisions by numbers
 * are one division. With a symbolic divisor, which is taken to be positive, the
 * dividend's first coefficient is positive.
 */
import {
  type Atom,
  type Size,
  type Term,
  add,
  asConstant,
  collect,
  compareSizes,
  constant,
  isRepresentable,
  multiply,
  negate,
  ofAtom,
  subtract,
  unrepresentable,
} from "./polynomial.js";

/** floor(dividend / divisor); `unrepresentable` for a divisor of 0. */
export function floorDivide(dividend: Size, divisor: Size): Size {
  if (!isRepresentable(dividend) || !isRepresentable(divisor)) return unrepresentable;
  const number = asConstant(divisor);
  if (number === null) return divideBySymbol("floor", dividend, divisor);
  if (number === 0) return unrepresentable;
  return number < 0 ? floorByNumber(negate(dividend), -number) : floorByNumber(dividend, number);
}

/** ceil(dividend / divisor); `unrepresentable` for a divisor of 0. */
export function ceilDivide(dividend: Size, divisor: Size): Size {
  if (!isRepresentable(dividend) || !isRepresentable(divisor)) return unrepresentable;
  const number = asConstant(divisor);
  if (number === null) return divideBySymbol("ceil", dividend, divisor);
  if (number < 0) return ceilDivide(negate(dividend), constant(-number));
  return floorDivide(add(dividend, constant(number - 1)), divisor);
}

/** dividend - divisor * floor(dividend / divisor): never negative for a positive divisor. */
export function modulo(dividend: Size, divisor: Size): Size {
  return subtract(dividend, multiply(divisor, floorDivide(dividend, divisor)));
}

/** The size with ceil(x / 2) as x - floor(x / 2): the one equality between atoms that normal forms do not see. */
export function withoutUpperHalves(size: Size): Size {
  let total = constant(0);
  for (const term of size.terms) {
    const [atom] = term.atoms;
    const isHalf = numberDivisor(term.atoms) === 2 && atom?.kind === "floor";
    const lower = isHalf ? subtract(atom.dividend, constant(1)) : null;
    const isUpper = lower !== null && !lower.terms.some(({ atoms }) => atoms.length === 0);
    const value = isUpper
      ? subtract(lower, floorDivide(lower, constant(2)))
      : { terms: [{ ...term, coefficient: 1 }] };
    total = add(total, multiply(constant(term.coefficient), value));
  }
  return total;
}

function floorByNumber(dividend: Size, divisor: number): Size {
  const quotient: Term[] = [];
  const remainder: Term[] = [];
  for (const { coefficient, atoms } of dividend.terms) {
    const rest = remainderOf(coefficient, divisor);
    quotient.push({ coefficient: (coefficient - rest) / divisor, atoms });
    remainder.push({ coefficient: rest, atoms });
  }
  return add(collect(quotient), floorOfRemainder(collect(remainder), divisor));
}

/** floor(remainder / divisor), where all coefficients lie in [0, divisor). */
function floorOfRemainder(remainder: Size, divisor: number): Size {
  const symbolic = remainder.terms.filter(({ atoms }) => atoms.length > 0);
  if (symbolic.length === 0) return constant(0);
  const inner = symbolic.find(({ coefficient, atoms }) => coefficient === 1 && numberDivisor(atoms) !== null);
  if (inner !== undefined) {
    // floor((floor(a / b) + y) / d) = floor((a + b * y) / (b * d)) for integers y.
    const atom = inner.atoms[0]! as Exclude<Atom, { kind: "variable" }>;
    const innerDivisor = numberDivisor(inner.atoms)!;
    const rest = subtract(remainder, { terms: [inner] });
    const merged = add(atom.dividend, multiply(constant(innerDivisor), rest));
    return floorDivide(merged, constant(innerDivisor * divisor));
  }
  const factor = symbolic.reduce(
    (common, { coefficient }) => greatestCommonDivisor(common, coefficient),
    divisor,
  );
  // floor((g * x + r) / (g * d)) = floor((x + floor(r / g)) / d).
  const reduced = remainder.terms.map(({ coefficient, atoms }) => ({
    coefficient: Math.floor(coefficient / factor),
    atoms,
  }));
  const reducedDivisor = divisor / factor;
  if (reducedDivisor === 1) return collect(reduced);
  return ofAtom({ kind: "floor", dividend: collect(reduced), divisor: constant(reducedDivisor) });
}

/** The number a lone floor atom divides by; null for anything else. */
function numberDivisor(atoms: readonly Atom[]): number | null {
  const [atom] = atoms;
  return atoms.length === 1 && atom!.kind === "floor" ? asConstant(atom!.divisor) : null;
}

function divideBySymbol(kind: "floor" | "ceil", dividend: Size, divisor: Size): Size {
  if (asConstant(dividend) === 0) return constant(0);
  const { quotient, remainder } = takeOutMultiples(dividend, divisor);
  if (asConstant(remainder) === 0) return quotient;
  if (remainder.terms[0]!.coefficient < 0) {
    const flipped = kind === "floor" ? "ceil" : "floor";
    return subtract(quotient, ofAtom({ kind: flipped, dividend: negate(remainder), divisor }));
  }
  return add(quotient, ofAtom({ kind, dividend: remainder, divisor }));
}

/** dividend = quotient * divisor + remainder, with what divides exactly taken out. */
function takeOutMultiples(dividend: Size, divisor: Size): { quotient: Size; remainder: Size } {
  const [first] = divisor.terms;
  if (divisor.terms.length > 1) {
    const leading = dividend.terms.find(({ atoms }) => sameAtoms(atoms, first!.atoms));
    const factor = constant((leading?.coefficient ?? 0) / first!.coefficient);
    const rest = subtract(dividend, multiply(factor, divisor));
    if (asConstant(rest) === 0) return { quotient: factor, remainder: constant(0) };
    return { quotient: constant(0), remainder: dividend };
  }
  const quotient: Term[] = [];
  const remainder: Term[] = [];
  for (const term of dividend.terms) {
    const atoms = withoutAtoms(term.atoms, first!.atoms);
    const coefficient = term.coefficient / first!.coefficient;
    if (atoms !== null && Number.isInteger(coefficient)) quotient.push({ coefficient, atoms });
    else remainder.push(term);
  }
  return { quotient: collect(quotient), remainder: collect(remainder) };
}

function sameAtoms(left: readonly Atom[], right: readonly Atom[]): boolean {
  return (
    compareSizes(
      { terms: [{ coefficient: 1, atoms: left }] },
      { terms: [{ coefficient: 1, atoms: right }] },
    ) === 0
  );
}

/** The product without these factors; null when one of them is missing. */
function withoutAtoms(product: readonly Atom[], factors: readonly Atom[]): readonly Atom[] | null {
  const rest = [...product];
  for (const factor of factors) {
    const position = rest.findIndex((atom) => sameAtoms([atom], [factor]));
    if (position < 0) return null;
    rest.splice(position, 1);
  }
  return rest;
}

function remainderOf(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest === 0 ? 0 : rest;
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
