/**
 * The error function in f32x4: an odd polynomial near 0 and 1 - exp(polynomial)
 * elsewhere (coefficients by N. Juffa).
 *
 * Invariant: errors are at most 4 units in the last place; NaN stays NaN.
 */
import type { FunctionBuilder } from "../encoder/function.js";
import { f32x4, i32x4, v128 } from "../encoder/operators.js";
import type { V128 } from "../encoder/value.js";
import { exp } from "./exponential.js";
import { clamp, polynomial } from "./arithmetic.js";

const boundary = 0.927734375;
/** Beyond this the float nearest to erf is 1. */
const saturation = 4;

export function erf(f: FunctionBuilder, argument: V128): V128 {
  const x = f.keep(clamp(argument, -saturation, saturation));
  const size = f.keep(f32x4.abs(x));
  const square = f.keep(f32x4.multiply(x, x));
  const inner = f32x4.add(
    f32x4.multiply(
      x,
      polynomial(
        square,
        [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1],
      ),
    ),
    x,
  );
  const exponent = polynomial(
    size,
    [
      -1.7285347e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1, -6.34846687e-1,
      -1.28717512e-1,
    ],
  );
  const outer = f32x4.subtract(
    f32x4.constant(1),
    exp(f, f32x4.subtract(f32x4.multiply(exponent, size), size)),
  );
  const signed = v128.or(outer, v128.and(x, i32x4.constant(0x80000000)));
  return v128.select(f32x4.less(f32x4.constant(boundary), size), signed, inner);
}
