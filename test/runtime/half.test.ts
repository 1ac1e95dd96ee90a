/** Halves: every one of them, and numbers between them. */
import { describe, expect, it } from "vitest";
import { halfToFloat, halvesOf } from "../../runtime/half.js";
import { messageOf } from "../support/user-error.js";

const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
const isNumber = (bits: number): boolean => !Number.isNaN(halfToFloat(bits));

describe("halves", () => {
  it("are the numbers that IEEE 754 says", () => {
    const known = [0, 1, 0x3ff, 0x400, 0x3555, 0x3c00, 0xc000, 0x7bff, 0x7c00, 0xfc00];
    expect(known.map(halfToFloat)).toEqual([
      ...[0, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 0.333251953125, 1, -2, 65504],
      ...[Infinity, -Infinity],
    ]);
    expect(halfToFloat(0x8000)).toBe(-0);
  });

  it("become what they were", () => {
    const numbers = all.filter(isNumber);
    expect(halvesOf(Float32Array.from(numbers, halfToFloat))).toEqual(numbers);
    expect([...halvesOf([NaN])].map(halfToFloat)).toEqual([NaN]);
  });

  it("are the nearest to what lies between them, and of two as near the even one", () => {
    const positive = [...all.subarray(0, 0x7c00)];
    const between = (part: number): Float32Array =>
      Float32Array.from(positive.slice(0, -1), (bits) => {
        const [low, high] = [halfToFloat(bits), halfToFloat(bits + 1)];
        return low + part * (high - low);
      });
    const lower = positive.slice(0, -1);
    expect([...halvesOf(between(0.499))]).toEqual(lower);
    expect([...halvesOf(between(0.501))]).toEqual(lower.map((bits) => bits + 1));
    expect([...halvesOf(between(0.5))]).toEqual(lower.map((bits) => bits + (bits % 2)));
  });

  it("end at 65504", () => {
    expect([...halvesOf([65519, -65519, Infinity, -Infinity])]).toEqual([0x7bff, 0xfbff, 0x7c00, 0xfc00]);
    expect(messageOf(() => halvesOf([1, -65520], "conv1.weight"))).toBe(
      "conv1.weight holds -65520, and float16 ends at 65504",
    );
  });
});
