import { describe, expect, it } from "vitest";
import { threefry, uniform } from "../../runtime/program/threefry.js";

describe("Threefry-2x32-20", () => {
  // Known answers of Random123 (kat_vectors), by the authors of the paper.
  it.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as const)("gives the authors' answers", (key, counter, words) => {
    expect(threefry(key[0], key[1], counter[0], counter[1])).toEqual(words);
  });

  it("gives uniform numbers of 24 bits", () => {
    expect(uniform(0, 0, 0, 0)).toBe(0x6b2001 / 2 ** 24);
    const values = Array.from({ length: 4000 }, (_, element) => uniform(1, 2, element, 3));
    expect(values.reduce((sum, value) => sum + value, 0) / 4000).toBeCloseTo(0.5, 1);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});
