/**
 * exp, log, sin, cos, tanh, sigmoid, erf and power in float64 from basic arithmetic
 * alone, because engines may differ in the last bits of their own `Math.exp`.
 *
 * Invariant: relative error below 1e-14 (absolute for sin and cos, whose arguments
 * must stay below 1e6), and no operation that IEEE 754 leaves open.
 */

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** Taylor's series on |r| <= ln 2 / 2, then a power of two (Cody and Waite, 1980). */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const quotient = Math.floor(x / Math.LN2 + 0.5);
  const rest = x - quotient * ln2High - quotient * ln2Low;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + (sum * rest) / n;
  return scaleByPowerOfTwo(sum, quotient);
}

/** 2 artanh((m - 1) / (m + 1)) for the mantissa m in [sqrt(1/2), sqrt(2)). */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return x;
  let mantissa = x;
  let exponent = 0;
  // In large steps first: a number can be 1,000 powers of two away.
  for (const step of [32, 1]) {
    const factor = integerPower(2, step);
    for (; mantissa >= Math.SQRT2 * (factor / 2); exponent += step) mantissa /= factor;
    for (; mantissa < Math.SQRT1_2 / (factor / 2); exponent -= step) mantissa *= factor;
  }
  const t = (mantissa - 1) / (mantissa + 1);
  const square = t * t;
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = 1 / n + sum * square;
  return exponent * ln2High + (2 * t * sum + exponent * ln2Low);
}

export function sin(x: number): number {
  return sineOfQuarters(x, 0);
}

export function cos(x: number): number {
  return sineOfQuarters(x, 1);
}

/** sin(x + quarters * pi / 2): reduced to |r| <= pi / 4 with pi / 2 in three parts. */
function sineOfQuarters(x: number, quarters: number): number {
  if (!Number.isFinite(x)) return NaN;
  const quotient = Math.floor(x / (Math.PI / 2) + 0.5);
  const rest =
    x - quotient * 1.5707963267341256 - quotient * 6.077100506303966e-11 - quotient * 2.0222662487959506e-21;
  const quadrant = (((quotient + quarters) % 4) + 4) % 4;
  const square = rest * rest;
  let sum = 1;
  if (quadrant % 2 === 0) {
    for (let n = 18; n >= 2; n -= 2) sum = 1 - (sum * square) / (n * (n + 1));
    sum *= rest;
  } else {
    for (let n = 17; n >= 1; n -= 2) sum = 1 - (sum * square) / (n * (n + 1));
  }
  return quadrant >= 2 ? -sum : sum;
}

export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size > 20) return x > 0 ? 1 : -1;
  if (size < 0.3) {
    // sinh and cosh by their series: 1 - 2 / (exp(2x) + 1) would cancel.
    const square = x * x;
    let hyperbolicSine = 1;
    let hyperbolicCosine = 1;
    for (let n = 14; n >= 2; n -= 2) {
      hyperbolicSine = 1 + (hyperbolicSine * square) / (n * (n + 1));
      hyperbolicCosine = 1 + (hyperbolicCosine * square) / (n * (n - 1));
    }
    return (x * hyperbolicSine) / hyperbolicCosine;
  }
  const result = 1 - 2 / (exp(2 * size) + 1);
  return x > 0 ? result : -result;
}

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + exp(-x));
  const e = exp(x);
  return e / (1 + e);
}

/** 2 x exp(-x^2) / sqrt(pi) times the sum of (2 x^2)^n / (1 * 3 * ... * (2n + 1)): all terms positive. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) > 6) return x > 0 ? 1 : -1;
  const twice = 2 * x * x;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= twice / (2 * n + 1);
    sum += term;
  }
  return ((2 * x) / Math.sqrt(Math.PI)) * exp(-x * x) * sum;
}

/** `base ** exponent` for a base that is not negative, or any base and an integer exponent. */
export function power(base: number, exponent: number): number {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 2 ** 31) return integerPower(base, exponent);
  if (base === 0) return exponent > 0 ? 0 : Infinity;
  return exp(exponent * log(base));
}

/** By squaring. */
function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}

/** x * 2 ** exponent, in steps that stay in range; exact unless the result is subnormal. */
function scaleByPowerOfTwo(x: number, exponent: number): number {
  const half = Math.floor(exponent / 2);
  return x * integerPower(2, half) * integerPower(2, exponent - half);
}
