/**
 * Symbolic sizes in normal form: polynomials with integer coefficients over atoms,
 * where an atom is a size variable, floor(p / q) or ceil(p / q).
 *
 * Invariant: two sizes are provably equal exactly when their normal forms are the
 * same, so equality is a comparison of data and nothing is tried out.
 */

/** A sum of terms; the empty sum is 0. Terms are sorted by their key, coefficients never 0. */
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

export declare function constant(value: number): Size;
export declare function variable(name: string): Size;
export declare function add(left: Size, right: Size): Size;
export declare function subtract(left: Size, right: Size): Size;
export declare function multiply(left: Size, right: Size): Size;
export declare function floorDivide(dividend: Size, divisor: Size): Size;
export declare function ceilDivide(dividend: Size, divisor: Size): Size;
export declare function equal(left: Size, right: Size): boolean;
/** The number, when no variable is left; null otherwise. */
export declare function asConstant(size: Size): number | null;
/** The names of the variables that occur. */
export declare function variablesOf(size: Size): readonly string[];
/** The number at the given variables; all must be given. */
export declare function evaluate(size: Size, variables: ReadonlyMap<string, number>): number;
/** `2*H + floor(W / 2) - 1` */
export declare function format(size: Size): string;
