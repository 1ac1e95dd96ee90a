/**
 * What the vector functions share: polynomials by Horner's rule, bounds, and the passage
 * between four floats and twice two doubles.
 *
 * Invariant: NaN in, NaN out.
 */
import { f32x4, f64x2, v128 } from "../encoder/operators.js";
import type { Local, V128 } from "../encoder/value.js";

/** coefficients[0] * x^n + ... + coefficients[n], in f32x4. */
export function polynomial(x: Local<"v128">, coefficients: readonly number[]): V128 {
  const [first, ...rest] = coefficients.map(f32x4.constant);
  return rest.reduce((sum, next) => f32x4.add(f32x4.multiply(sum, x), next), first!);
}

/** coefficients[0] * x^n + ... + coefficients[n], in f64x2. */
export function polynomial64(x: Local<"v128">, coefficients: readonly number[]): V128 {
  const [first, ...rest] = coefficients.map(f64x2.constant);
  return rest.reduce((sum, next) => f64x2.add(f64x2.multiply(sum, x), next), first!);
}

/** min(max(x, low), high), where NaN stays NaN. */
export function clamp(x: V128, low: number, high: number): V128 {
  return f32x4.pseudoMaximum(f32x4.pseudoMinimum(x, f32x4.constant(high)), f32x4.constant(low));
}

/** The upper two lanes, moved to the lower ones. */
export function upperHalf(vector: V128): V128 {
  return v128.shuffle(vector, vector, [2, 3, 2, 3]);
}

/** The low halves of two vectors side by side. */
export function joinLow(low: V128, high: V128): V128 {
  return v128.shuffle(low, high, [0, 1, 4, 5]);
}

/** Two f64x2 rounded to one f32x4. */
export function joinF64(low: V128, high: V128): V128 {
  return joinLow(f32x4.fromF64(low), f32x4.fromF64(high));
}
