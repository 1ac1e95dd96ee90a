/**
 * Hyperbolic tangent and the logistic function in f32x4.
 *
 * Invariant: errors are at most 5 units in the last place and tanh never leaves [-1, 1]; a
 * sigmoid below the smallest normal number may be 0. NaN stays NaN.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4 } from "../encoder/operators.js";
import type { V128 } from "../encoder/value.js";
import { exp } from "./exponential.js";
import { clamp, polynomial } from "./arithmetic.js";

/** Beyond this the float nearest to tanh is 1. */
const saturation = 9.02;

/**
 * x * P(x^2) / Q(x^2), the rational function of this form with the least relative error
 * (1.3e-8 with exact arithmetic) where tanh does not saturate.
 */
export function tanh(f: FunctionBuilder, argument: V128): V128 {
  const x = f.keep(clamp(argument, -saturation, saturation));
  const square = f.keep(f32x4.multiply(x, x));
  const numerator = polynomial(
    square,
    [1.3383114625701536e-8, 2.063496787339006e-5, 3.497406136473257e-3, 0.13382644228894902, 1],
  );
  const denominator = polynomial(
    square,
    [7.789765103623175e-7, 3.288432644782663e-4, 2.5884165840496014e-2, 0.46715965504938445, 1],
  );
  // Rounding may carry the quotient beyond 1.
  return clamp(f32x4.divide(f32x4.multiply(x, numerator), denominator), -1, 1);
}

/** 1 / (1 + exp(-x)) */
export function sigmoid(f: FunctionBuilder, argument: V128): V128 {
  const one = f32x4.constant(1);
  return f32x4.divide(one, f32x4.add(one, exp(f, f32x4.negate(argument))));
}
