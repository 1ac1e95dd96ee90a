/**
 * base ** exponent in f32x4 for bases that are not negative, as 2^(exponent * log2(base))
 * computed in double precision.
 *
 * Invariant: correctly rounded but for rare cases (error below 0.51 units in the last
 * place). x ** 0 is 1; 0 and Infinity behave as in IEEE 754; a negative base or a NaN
 * gives NaN.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, f64x2, i64x2, v128 } from "../encoder/operators.js";
import type { Local, V128 } from "../encoder/value.js";
import { joinF64, polynomial64, upperHalf } from "./arithmetic.js";

export function power(f: FunctionBuilder, base: V128, exponent: V128): V128 {
  const x = f.keep(base);
  const y = f.keep(exponent);
  const low = f.keep(power64(f, f64x2.fromF32(x), f64x2.fromF32(y)));
  const high = power64(f, f64x2.fromF32(upperHalf(x)), f64x2.fromF32(upperHalf(y)));
  const one = f32x4.constant(1);
  return v128.select(f32x4.equal(y, f32x4.constant(0)), one, joinF64(low, high));
}

function power64(f: FunctionBuilder, base: V128, exponent: V128): V128 {
  const product = f64x2.multiply(f.keep(exponent), log2(f, base));
  // Floats end at 2^128 and 2^-149; NaN passes both bounds.
  const low = f64x2.constant(-200);
  const t = f.keep(f64x2.pseudoMaximum(f64x2.pseudoMinimum(product, f64x2.constant(200)), low));
  // Adding 1.5 * 2^52 rounds to an integer and leaves it in the low bits.
  const magic = f64x2.constant(1.5 * 2 ** 52);
  const shifted = f.keep(f64x2.add(t, magic));
  const r = f.keep(
    f64x2.multiply(f64x2.subtract(t, f64x2.subtract(shifted, magic)), f64x2.constant(Math.LN2)),
  );
  const scale = i64x2.shiftLeft(i64x2.add(shifted, i64x2.constant(1023n)), 52);
  return f64x2.multiply(polynomial64(r, inverseFactorials), scale);
}

/** 1 / n! for n = 10 down to 0. */
const inverseFactorials = Array.from({ length: 11 }, (_, index) => {
  let factorial = 1;
  for (let factor = 2; factor <= 10 - index; factor++) factorial *= factor;
  return 1 / factorial;
});

/** log2(m) = 2 / ln(2) * (s + s^3 / 3 + s^5 / 5 + ...) with s = (m - 1) / (m + 1). */
const atanhTerms = [17, 15, 13, 11, 9, 7, 5, 3, 1].map((n) => 2 / (n * Math.LN2));

function log2(f: FunctionBuilder, argument: V128): V128 {
  const x = f.keep(argument);
  const bits = (number: bigint): V128 => i64x2.constant(number);
  // x = 2^e * m with m in [sqrt(1/2), sqrt(2)); denormal floats are normal doubles.
  const full = f.keep(v128.or(v128.and(x, bits(0x000fffffffffffffn)), bits(0x3ff0000000000000n)));
  const large = f.keep(f64x2.less(f64x2.constant(Math.SQRT2), full));
  const half = f64x2.multiply(full, f64x2.constant(0.5));
  const m = f.keep(v128.select(large, half, full));
  const biased = v128.or(i64x2.shiftRight(x, 52), bits(0x4330000000000000n));
  const e = f64x2.add(
    f64x2.subtract(biased, f64x2.constant(2 ** 52 + 1023)),
    v128.and(large, f64x2.constant(1)),
  );
  const one = f64x2.constant(1);
  const s = f.keep(f64x2.divide(f64x2.subtract(m, one), f64x2.add(m, one)));
  const square = f.keep(f64x2.multiply(s, s));
  const finite = f.keep(f64x2.add(e, f64x2.multiply(s, polynomial64(square, atanhTerms))));
  return outsideLog2(x, finite);
}

function outsideLog2(x: Local<"v128">, finite: V128): V128 {
  const zero = f64x2.constant(0);
  const belowInfinity = v128.select(f64x2.less(x, f64x2.constant(Infinity)), finite, x);
  const notNegative = v128.select(f64x2.less(x, zero), f64x2.constant(NaN), belowInfinity);
  return v128.select(f64x2.equal(x, zero), f64x2.constant(-Infinity), notNegative);
}
