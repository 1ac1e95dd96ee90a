/**
 * Symbolic sizes in normal form: polynomials with integer coefficients over atoms,
 * where an atom is a size variable, floor(p / q) or ceil(p / q).
 *
 * Invariant: two sizes are provably equal exactly when their normal forms are the
 * same, so equality is a comparison of data and nothing is tried out. Arithmetic is
 * exact: what would leave the safe integers is not `isRepresentable`.
 *
 * The parts: `polynomial.ts` (sums and products), `division.ts`, `evaluate.ts`,
 * `format.ts`, and `bounds.ts` (what holds for all sizes).
 */
export {
  type Atom,
  type Size,
  type Term,
  add,
  asConstant,
  asVariable,
  constant,
  equal,
  isRepresentable,
  multiply,
  negate,
  subtract,
  unrepresentable,
  variable,
} from "./polynomial.js";
export { ceilDivide, floorDivide, modulo } from "./division.js";
export { evaluate, substitute, variablesOf } from "./evaluate.js";
export { format } from "./format.js";
export { type Answer, type Interval, boundsOf, compareEqual, compareLess } from "./bounds.js";
