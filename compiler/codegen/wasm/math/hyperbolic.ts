/**
 * Hyperbolic tangent and the logistic function in f32x4.
 *
 * Invariant: errors are at most 5 units in the last place and tanh never leaves [-1, 1]; a
 * sigmoid below the smallest normal number may be 0. NaN stays NaN.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, v128 } from "../encoder/operators.js";
import type { V128 } from "../encoder/value.js";
import { exp } from "./exponential.js";
import { clamp, polynomial } from "./arithmetic.js";

/** Beyond this the float nearest to tanh is 1. */
const saturation = 9.02;
/** Below this the float nearest to tanh(x) is x. */
const linear = 4e-4;

/** An odd rational function of degree 13 by 6, as in the Eigen library. */
export function tanh(f: FunctionBuilder, argument: V128): V128 {
  const given = f.keep(argument);
  const x = f.keep(clamp(given, -saturation, saturation));
  const square = f.keep(f32x4.multiply(x, x));
  const numerator = polynomial(
    square,
    [
      -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8,
      1.48572235717979e-5, 6.37261928875436e-4, 4.89352455891786e-3,
    ],
  );
  const denominator = polynomial(
    square,
    [1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3],
  );
  const ratio = f32x4.divide(f32x4.multiply(x, numerator), denominator);
  const isLinear = f32x4.less(f32x4.abs(x), f32x4.constant(linear));
  return v128.select(isLinear, given, clamp(ratio, -1, 1));
}

/** 1 / (1 + exp(-x)) */
export function sigmoid(f: FunctionBuilder, argument: V128): V128 {
  const one = f32x4.constant(1);
  return f32x4.divide(one, f32x4.add(one, exp(f, f32x4.negate(argument))));
}
