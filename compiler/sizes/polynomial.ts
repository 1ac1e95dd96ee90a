/**
 * Polynomials with integer coefficients over atoms, the normal form of sizes.
 *
 * Invariant: terms are sorted (higher degree first, the number last), no coefficient is
 * 0, no two terms have the same atoms. A result whose numbers leave the exactly
 * representable integers, or that grows beyond all use, becomes `unrepresentable`,
 * which every operation passes on.
 */

/** A sum of terms; the empty sum is 0. Terms are sorted, coefficients never 0. */
export interface Size {
  readonly terms: readonly Term[];
}

export interface Term {
  readonly coefficient: number;
  /** Sorted; the empty product is 1. */
  readonly atoms: readonly Atom[];
}

export type Atom =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "floor" | "ceil"; readonly dividend: Size; readonly divisor: Size };

/** No normal form has more nodes; real nets stay below 30. */
const maximumWeight = 400;

/** The result of arithmetic that leaves the integers a float64 holds exactly. It equals nothing. */
export const unrepresentable: Size = { terms: [{ coefficient: Number.NaN, atoms: [] }] };

/** False for the result of an overflow or of a division by zero. */
export function isRepresentable(size: Size): boolean {
  return !(size.terms.length === 1 && Number.isNaN(size.terms[0]!.coefficient));
}

/** The size of a safe integer; `unrepresentable` for any other number. */
export function constant(value: number): Size {
  if (!Number.isSafeInteger(value)) return unrepresentable;
  return { terms: value === 0 ? [] : [{ coefficient: value, atoms: [] }] };
}

export function variable(name: string): Size {
  return ofAtom({ kind: "variable", name });
}

/** The size that is one atom. */
export function ofAtom(atom: Atom): Size {
  return { terms: [{ coefficient: 1, atoms: [atom] }] };
}

export function add(left: Size, right: Size): Size {
  if (left.terms.length === 0) return right;
  if (right.terms.length === 0) return left;
  return collect([...left.terms, ...right.terms]);
}

export function subtract(left: Size, right: Size): Size {
  return add(left, negate(right));
}

export function negate(size: Size): Size {
  if (!isRepresentable(size)) return unrepresentable;
  return { terms: size.terms.map(({ coefficient, atoms }) => ({ coefficient: -coefficient, atoms })) };
}

export function multiply(left: Size, right: Size): Size {
  if (asConstant(left) === 1) return right;
  if (asConstant(right) === 1) return left;
  if (left.terms.length * right.terms.length > maximumWeight) return unrepresentable;
  return collect(
    left.terms.flatMap((a) =>
      right.terms.map((b) => ({
        coefficient: a.coefficient * b.coefficient,
        atoms: [...a.atoms, ...b.atoms].sort(compareAtoms),
      })),
    ),
  );
}

/** Whether two sizes are provably equal: whether their normal forms are the same. */
export function equal(left: Size, right: Size): boolean {
  return isRepresentable(left) && isRepresentable(right) && compareSizes(left, right) === 0;
}

/** The number, when no variable is left; null otherwise. */
export function asConstant(size: Size): number | null {
  if (size.terms.length === 0) return 0;
  const [term] = size.terms;
  if (size.terms.length > 1 || term!.atoms.length > 0 || !isRepresentable(size)) return null;
  return term!.coefficient;
}

/** The name, when the size is one variable and nothing else; null otherwise. */
export function asVariable(size: Size): string | null {
  const [term] = size.terms;
  const [atom] = term?.atoms ?? [];
  if (size.terms.length !== 1 || term!.atoms.length !== 1 || term!.coefficient !== 1) return null;
  return atom!.kind === "variable" ? atom!.name : null;
}

/** Brings terms into normal form: sorted, merged, without zeros. */
export function collect(terms: readonly Term[]): Size {
  if (terms.every(({ atoms }) => atoms.length === 0)) {
    return constant(terms.reduce((sum, { coefficient }) => sum + coefficient, 0));
  }
  const sorted = [...terms].sort((a, b) => compareProducts(a.atoms, b.atoms));
  const merged: Term[] = [];
  for (const term of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && compareProducts(last.atoms, term.atoms) === 0) {
      merged[merged.length - 1] = { ...last, coefficient: last.coefficient + term.coefficient };
    } else {
      merged.push(term);
    }
  }
  if (!merged.every(({ coefficient }) => Number.isSafeInteger(coefficient))) return unrepresentable;
  const size = { terms: merged.filter(({ coefficient }) => coefficient !== 0) };
  return weight(size) > maximumWeight ? unrepresentable : size;
}

/** A total order of normal forms; 0 exactly for equal ones. */
export function compareSizes(left: Size, right: Size): number {
  const length = Math.min(left.terms.length, right.terms.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.terms[index]!;
    const b = right.terms[index]!;
    const order = compareProducts(a.atoms, b.atoms) || a.coefficient - b.coefficient;
    if (order !== 0) return order;
  }
  return left.terms.length - right.terms.length;
}

function compareProducts(left: readonly Atom[], right: readonly Atom[]): number {
  if (left.length !== right.length) return right.length - left.length;
  for (let index = 0; index < left.length; index += 1) {
    const order = compareAtoms(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return 0;
}

const kindOrder = { variable: 0, floor: 1, ceil: 2 } as const;

function compareAtoms(left: Atom, right: Atom): number {
  if (left.kind === "variable" || right.kind === "variable") {
    if (left.kind !== right.kind) return kindOrder[left.kind] - kindOrder[right.kind];
    return left.kind === "variable" && right.kind === "variable" ? compareNames(left.name, right.name) : 0;
  }
  return (
    kindOrder[left.kind] - kindOrder[right.kind] ||
    compareSizes(left.dividend, right.dividend) ||
    compareSizes(left.divisor, right.divisor)
  );
}

function compareNames(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Nodes in the normal form; the depth of nested divisions is bounded by it. */
function weight(size: Size): number {
  let total = 0;
  for (const { atoms } of size.terms) {
    total += 1 + atoms.length;
    for (const atom of atoms) {
      if (atom.kind !== "variable") total += weight(atom.dividend) + weight(atom.divisor);
    }
  }
  return total;
}
