/**
 * Sine and cosine in f32x4: reduction by multiples of pi / 2 in double precision (Cody
 * and Waite, 1980), then the polynomials of the Cephes library on [-pi/4, pi/4].
 *
 * Invariant: absolute errors are at most 1e-7 for arguments up to 2^30; beyond that the
 * result is some number in [-1, 1]. Infinities give NaN, NaN stays NaN.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, f64x2, i32x4, v128 } from "../encoder/operators.js";
import type { V128 } from "../encoder/value.js";
import { clamp, joinF64, joinLow, polynomial, upperHalf } from "./arithmetic.js";

/** pi / 2 in three parts, the first two of 22 bits: exact when multiplied by a quadrant number. */
const halfPi = [1.570796012878418, 3.139164164167596e-7, 6.223372171896613e-14] as const;

export function sin(f: FunctionBuilder, argument: V128): V128 {
  return circular(f, argument, 0);
}

export function cos(f: FunctionBuilder, argument: V128): V128 {
  return circular(f, argument, 1);
}

/** sin(x + shift * pi / 2) */
function circular(f: FunctionBuilder, argument: V128, shift: number): V128 {
  const x = f.keep(argument);
  const low = reduce(f, f64x2.fromF32(x));
  const high = reduce(f, f64x2.fromF32(upperHalf(x)));
  // The clamp tames what is left of arguments too large to reduce.
  const r = f.keep(clamp(joinF64(low.remainder, high.remainder), -1, 1));
  const quadrant = f.keep(
    i32x4.add(joinLow(i32x4.fromF64(low.quadrant), i32x4.fromF64(high.quadrant)), i32x4.constant(shift)),
  );
  const square = f.keep(f32x4.multiply(r, r));
  const sine = f32x4.add(
    f32x4.multiply(
      f32x4.multiply(polynomial(square, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), square),
      r,
    ),
    r,
  );
  const cosine = f32x4.add(
    f32x4.multiply(
      polynomial(square, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5]),
      square,
    ),
    f32x4.constant(1),
  );
  const odd = i32x4.equal(v128.and(quadrant, i32x4.constant(1)), i32x4.constant(1));
  const chosen = v128.select(odd, cosine, sine);
  const sign = i32x4.shiftLeft(v128.and(quadrant, i32x4.constant(2)), 30);
  return v128.xor(chosen, sign);
}

/** x = quadrant * pi / 2 + remainder, in f64x2. */
function reduce(f: FunctionBuilder, argument: V128): { quadrant: V128; remainder: V128 } {
  const x = f.keep(argument);
  const quadrant = f.keep(f64x2.nearest(f64x2.multiply(x, f64x2.constant(2 / Math.PI))));
  const remainder = f.keep(
    halfPi.reduce<V128>(
      (rest, part) => f64x2.subtract(rest, f64x2.multiply(quadrant, f64x2.constant(part))),
      x,
    ),
  );
  return { quadrant, remainder };
}
