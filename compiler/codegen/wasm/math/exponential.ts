/**
 * Exponential and logarithm in f32x4: reduction by powers of two and the polynomials of
 * the Cephes library (Moshier, 1989).
 *
 * Invariant: errors are at most 2 units in the last place over all floats; overflow gives
 * infinity, NaN stays NaN, log of 0 is -Infinity and of a negative number NaN.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32x4, v128 } from "../encoder/operators.js";
import type { Local, V128 } from "../encoder/value.js";
import { clamp, polynomial } from "./arithmetic.js";

const ln2High = 0.693359375;
const ln2Low = -2.1219444e-4;

export function exp(f: FunctionBuilder, argument: V128): V128 {
  // Beyond these bounds the result is infinity or 0.
  const x = f.keep(clamp(argument, -104, 89));
  const power = f.keep(f32x4.nearest(f32x4.multiply(x, f32x4.constant(Math.LOG2E))));
  const high = f32x4.multiply(power, f32x4.constant(ln2High));
  const low = f32x4.multiply(power, f32x4.constant(ln2Low));
  const r = f.keep(f32x4.subtract(f32x4.subtract(x, high), low));
  const p = polynomial(
    r,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5],
  );
  const y = f32x4.add(f32x4.add(f32x4.multiply(p, f32x4.multiply(r, r)), r), f32x4.constant(1));
  // 2^n in two factors, so that results near overflow and underflow are right.
  const n = f.keep(i32x4.fromF32(power));
  const half = f.keep(i32x4.shiftRightSigned(n, 1));
  const scaled = f32x4.multiply(y, powerOfTwo(half));
  return f32x4.multiply(scaled, powerOfTwo(i32x4.subtract(n, half)));
}

/** 2^n for lanes n in [-126, 127]. */
function powerOfTwo(n: V128): V128 {
  return i32x4.shiftLeft(i32x4.add(n, i32x4.constant(127)), 23);
}

const smallestNormal = 2 ** -126;

export function log(f: FunctionBuilder, argument: V128): V128 {
  const given = f.keep(argument);
  const tiny = f.keep(f32x4.less(given, f32x4.constant(smallestNormal)));
  const x = f.keep(v128.select(tiny, f32x4.multiply(given, f32x4.constant(2 ** 23)), given));
  // x = 2^e * m with m in [sqrt(1/2), sqrt(2)).
  const mantissa = f.keep(v128.or(v128.and(x, i32x4.constant(0x007fffff)), i32x4.constant(0x3f000000)));
  const small = f.keep(f32x4.less(mantissa, f32x4.constant(Math.SQRT1_2)));
  const biased = i32x4.subtract(i32x4.shiftRight(x, 23), i32x4.constant(126));
  const exponent = f.keep(
    f32x4.subtract(
      f32x4.subtract(f32x4.fromI32(biased), v128.and(small, f32x4.constant(1))),
      v128.and(tiny, f32x4.constant(23)),
    ),
  );
  const m = f.keep(f32x4.add(f32x4.subtract(mantissa, f32x4.constant(1)), v128.and(small, mantissa)));
  const square = f.keep(f32x4.multiply(m, m));
  const p = polynomial(
    m,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  const tail = f32x4.subtract(
    f32x4.add(f32x4.multiply(f32x4.multiply(p, m), square), f32x4.multiply(exponent, f32x4.constant(ln2Low))),
    f32x4.multiply(square, f32x4.constant(0.5)),
  );
  const finite = f.keep(f32x4.add(f32x4.add(m, tail), f32x4.multiply(exponent, f32x4.constant(ln2High))));
  return outsideLog(given, finite);
}

/** log at 0, below 0, at infinity and at NaN. */
function outsideLog(x: Local<"v128">, finite: V128): V128 {
  const infinity = f32x4.constant(Infinity);
  const zero = f32x4.constant(0);
  const positive = v128.select(f32x4.less(x, infinity), finite, x);
  const negativeOrZero = v128.select(f32x4.equal(x, zero), f32x4.constant(-Infinity), f32x4.constant(NaN));
  return v128.select(f32x4.lessOrEqual(x, zero), negativeOrZero, positive);
}
