import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cos, erf, exp, log, power, sigmoid, sin, tanh } from "../../runtime/program/elementary-functions.js";

/** Against the engine's own functions, which are right to the last few bits here. */
function agree(own: (x: number) => number, engine: (x: number) => number, min: number, max: number): void {
  fc.assert(
    fc.property(fc.double({ min, max, noNaN: true }), (x) => {
      const expected = engine(x);
      expect(Math.abs(own(x) - expected)).toBeLessThanOrEqual(2e-14 * Math.max(Math.abs(expected), 1e-300));
    }),
    { seed: 1, numRuns: 3000 },
  );
}

describe("elementary functions", () => {
  it("exp", () => {
    agree(exp, Math.exp, -700, 700);
    agree(exp, Math.exp, -1, 1);
    expect([exp(1000), exp(-1000), exp(0), exp(NaN)]).toEqual([Infinity, 0, 1, NaN]);
  });
  it("log", () => {
    agree(log, Math.log, 1e-300, 1e300);
    agree(log, Math.log, 0.5, 2);
    agree(log, Math.log, 5e-324, 1e-300);
    expect([log(0), log(1), log(-1), log(Infinity)]).toEqual([-Infinity, 0, NaN, Infinity]);
  });
  it("sin and cos, to an absolute error", () => {
    const near = (own: (x: number) => number, engine: (x: number) => number): void => {
      fc.assert(
        fc.property(fc.double({ min: -1e5, max: 1e5, noNaN: true }), (x) => {
          expect(Math.abs(own(x) - engine(x))).toBeLessThan(1e-14);
        }),
        { seed: 1, numRuns: 3000 },
      );
    };
    near(sin, Math.sin);
    near(cos, Math.cos);
    expect(cos(0)).toBe(1);
    expect(cos(Math.PI)).toBe(-1);
  });
  it("tanh and sigmoid", () => {
    agree(tanh, Math.tanh, -25, 25);
    agree(tanh, Math.tanh, -0.5, 0.5);
    agree(sigmoid, (x) => 1 / (1 + Math.exp(-x)), -30, 30);
    expect([sigmoid(-1000), sigmoid(1000), tanh(1000), tanh(-1000)]).toEqual([0, 1, 1, -1]);
  });
  it("erf at tabulated points", () => {
    // Abramowitz and Stegun, table 7.1.
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(1)).toBeCloseTo(0.8427007929497149, 14);
    expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 14);
    expect([erf(0), erf(7), erf(-7)]).toEqual([0, 1, -1]);
  });
  it("power", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: -20, max: 20, noNaN: true }),
        (base, exponent) => {
          const expected = base ** exponent;
          expect(Math.abs(power(base, exponent) - expected)).toBeLessThan(1e-12 * expected);
        },
      ),
      { seed: 1 },
    );
    expect([power(-2, 3), power(2, -2), power(0, 0), power(0, 0.5), power(3, 5)]).toEqual([
      -8, 0.25, 1, 0, 243,
    ]);
  });
});
