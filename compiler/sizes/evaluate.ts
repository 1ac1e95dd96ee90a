/** Numbers for variables: evaluation, substitution, and which variables there are. */
import { ceilDivide, floorDivide } from "./division.js";
import { type Atom, type Size, add, constant, isRepresentable, multiply, ofAtom } from "./polynomial.js";

/**
 * The number at the given variables; all must be given. NaN when the size is not
 * representable, or a division by zero or an overflow occurs.
 */
export function evaluate(size: Size, variables: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const { coefficient, atoms } of size.terms) {
    let product = coefficient;
    for (const atom of atoms) product *= evaluateAtom(atom, variables);
    total += product;
    if (!Number.isSafeInteger(product) || !Number.isSafeInteger(total)) return Number.NaN;
  }
  return total === 0 ? 0 : total;
}

function evaluateAtom(atom: Atom, variables: ReadonlyMap<string, number>): number {
  if (atom.kind === "variable") return variables.get(atom.name) ?? Number.NaN;
  const quotient = evaluate(atom.dividend, variables) / evaluate(atom.divisor, variables);
  return atom.kind === "floor" ? Math.floor(quotient) : Math.ceil(quotient);
}

/** The size with variables replaced by sizes, in normal form. */
export function substitute(size: Size, replacements: ReadonlyMap<string, Size>): Size {
  if (replacements.size === 0 || !isRepresentable(size)) return size;
  let total = constant(0);
  for (const { coefficient, atoms } of size.terms) {
    let product = constant(coefficient);
    for (const atom of atoms) product = multiply(product, substituteAtom(atom, replacements));
    total = add(total, product);
  }
  return total;
}

function substituteAtom(atom: Atom, replacements: ReadonlyMap<string, Size>): Size {
  if (atom.kind === "variable") return replacements.get(atom.name) ?? ofAtom(atom);
  const divide = atom.kind === "floor" ? floorDivide : ceilDivide;
  return divide(substitute(atom.dividend, replacements), substitute(atom.divisor, replacements));
}

/** The names of the variables that occur, in order of appearance. */
export function variablesOf(size: Size): readonly string[] {
  const names = new Set<string>();
  const visit = (inner: Size): void => {
    for (const { atoms } of inner.terms) {
      for (const atom of atoms) {
        if (atom.kind === "variable") names.add(atom.name);
        else {
          visit(atom.dividend);
          visit(atom.divisor);
        }
      }
    }
  };
  visit(size);
  return [...names];
}
