/**
 * Halves: IEEE 754 binary16, 1 bit of sign, 5 of exponent, 10 of fraction.
 */
import { UserError } from "./program/user-error.js";

/** The number that 16 bits stand for. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * The bits of the nearest halves, ties to even.
 * @param what the values are, for messages
 * @throws UserError when a finite number is larger than any half
 */
export function halvesOf(values: ArrayLike<number>, what = "a tensor"): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(values.length);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const size = Math.abs(value);
    if (size >= 65520 && size < Infinity) {
      throw new UserError(
        `${what} holds ${String(value)}, and float16 ends at 65504`,
        "Compile the program without float16.",
      );
    }
    const isSmall = size < 2 ** -14;
    // Between 0.5 and 1 a float32 has steps of 2^-24, as halves that small have: adding rounds.
    float[0] = isSmall ? size + 0.5 : size;
    const bits = word[0]!;
    halves[i] =
      (value < 0 || Object.is(value, -0) ? 0x8000 : 0) |
      (isSmall
        ? bits - 0x3f000000
        : size < Infinity
          ? (bits + 0xfff + ((bits >> 13) & 1) - 0x38000000) >> 13
          : size === Infinity
            ? 0x7c00
            : 0x7e00);
  }
  return halves;
}
