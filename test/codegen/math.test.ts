/** Vector functions against float64 over all magnitudes, special values, and random numbers bit by bit. */
import { describe, expect, test } from "vitest";
import type { LoopKernel } from "../../compiler/select/kernel.js";
import type { Expression, UnaryOperator } from "../../runtime/program/expression.js";
import { uniform } from "../../runtime/program/threefry.js";
import { binary, constant, input, unary, unaryFunctions } from "./support/expression.js";
import { numbers, runKernel } from "./support/run.js";

function apply(expression: Expression, ...operands: readonly Float32Array[]): Float32Array {
  const length = operands[0]?.length ?? 0;
  return runKernel(pointwise(expression, length, operands.length), operands, [length])[0]!;
}

function pointwise(expression: Expression, length: number, operands: number): LoopKernel {
  return {
    family: "loop",
    domain: [length],
    reducedAxes: [],
    operands: Array.from({ length: operands }, () => ({ dataType: "f32" as const, strides: [1] })),
    reductions: [],
    outputs: [{ expression, over: "domain" }],
  };
}

/** Floats of every exponent and sign, a few of each, and evenly spread ones where functions bend. */
function samples(): Float32Array {
  const values: number[] = [0, -0, 1, -1];
  const mantissas = numbers(24, 11);
  for (let exponent = -149; exponent < 128; exponent++) {
    for (const mantissa of mantissas)
      values.push(2 ** exponent * (1.5 + mantissa / 2.1) * Math.sign(mantissa));
  }
  for (const value of numbers(20_000, 12)) values.push(value * 110, value * 12, value * 2);
  return Float32Array.from(values);
}

/** The distance in units in the last place of the expected float; tiny results count absolutely. */
function unitsInLastPlace(actual: number, expected: number): number {
  if (Object.is(actual, Math.fround(expected)) || actual === Math.fround(expected)) return 0;
  if (Number.isNaN(actual) && Number.isNaN(expected)) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(expected))));
  return Math.abs(actual - expected) / 2 ** (exponent - 23);
}

const bounds: readonly (readonly [UnaryOperator, number])[] = [
  ["exp", 2],
  ["log", 2],
  ["tanh", 5],
  ["sigmoid", 4],
  ["erf", 4],
  ["sqrt", 0.5],
  ["floor", 0],
  ["abs", 0],
  ["is_finite", 0],
  ["negate", 0],
];

describe("vector functions", () => {
  test.each(bounds)("%s errs by at most %d units in the last place", (operator, bound) => {
    const x = samples();
    const results = apply(unary(operator, input(0)), x);
    let worst = { error: 0, x: 0, actual: 0 };
    for (const [index, actual] of results.entries()) {
      const expected = unaryFunctions[operator](x[index]!);
      // A denormal sigmoid may be 0.
      if (operator === "sigmoid" && expected < 2 ** -126 && actual <= 2 ** -126) continue;
      const error = unitsInLastPlace(actual, expected);
      if (!(error <= worst.error)) worst = { error, x: x[index]!, actual };
    }
    expect(worst.error, `at ${worst.x}: ${worst.actual}`).toBeLessThanOrEqual(bound);
  });

  test.each(["sin", "cos"] as const)(
    "%s errs by at most 1e-7 up to 2^30, and stays in [-1, 1]",
    (operator) => {
      const x = samples();
      const results = apply(unary(operator, input(0)), x);
      expect(results.every((value) => Math.abs(value) <= 1)).toBe(true);
      let worst = { error: 0, x: 0 };
      for (const [index, actual] of results.entries()) {
        if (Math.abs(x[index]!) > 2 ** 30) continue;
        const error = Math.abs(actual - unaryFunctions[operator](x[index]!));
        if (!(error <= worst.error)) worst = { error, x: x[index]! };
      }
      expect(worst.error, `at ${worst.x}`).toBeLessThanOrEqual(1e-7);
    },
  );

  test("special values", () => {
    const x = Float32Array.from([Infinity, -Infinity, NaN, 0]);
    const expected: Partial<Record<UnaryOperator, number[]>> = {
      exp: [Infinity, 0, NaN, 1],
      log: [Infinity, NaN, NaN, -Infinity],
      tanh: [1, -1, NaN, 0],
      sigmoid: [1, 0, NaN, 0.5],
      erf: [1, -1, NaN, 0],
      sin: [NaN, NaN, NaN, 0],
      cos: [NaN, NaN, NaN, 1],
      is_finite: [0, 0, 0, 1],
    };
    for (const [operator, values] of Object.entries(expected)) {
      expect([...apply(unary(operator as UnaryOperator, input(0)), x)], operator).toEqual(values);
    }
  });

  test("powers are rounded correctly but for rare cases", () => {
    const bases: number[] = [];
    const exponents: number[] = [];
    const edges = [0, 2 ** -149, 1e-30, 0.5, 1, 2, 3e38, Infinity, NaN];
    for (const base of edges) {
      for (const exponent of [0, 0.01, 0.75, 1, 2, 3, 30, -0.5, -1, -7, 1e-30]) {
        bases.push(base);
        exponents.push(exponent);
      }
    }
    const random = numbers(30_000, 5);
    for (const [index, value] of random.entries()) {
      bases.push(Math.fround(Math.exp(20 * value)));
      exponents.push(3 * random[(7 * index + 1) % random.length]!);
    }
    const results = apply(
      binary("power", input(0), input(1)),
      Float32Array.from(bases),
      Float32Array.from(exponents),
    );
    for (const [index, actual] of results.entries()) {
      const [base, exponent] = [Math.fround(bases[index]!), Math.fround(exponents[index]!)];
      const error = unitsInLastPlace(actual, base ** exponent);
      expect(error, `${base} ** ${exponent} = ${actual}`).toBeLessThanOrEqual(0.51);
    }
  });

  test("easy powers, maxima with constants, selections and NaN", () => {
    const x = Float32Array.from([4, NaN, -2, 0.25, 9]);
    expect([...apply(binary("power", input(0), constant(2)), x)]).toEqual([16, NaN, 4, 0.0625, 81]);
    expect([...apply(binary("power", input(0), constant(0.5)), x)]).toEqual([2, NaN, NaN, 0.5, 3]);
    expect([...apply(binary("maximum", constant(0), input(0)), x)]).toEqual([4, NaN, 0, 0.25, 9]);
    expect([...apply(binary("minimum", input(0), constant(1)), x)]).toEqual([1, NaN, -2, 0.25, 1]);
    expect([...apply(binary("less", input(0), constant(1)), x)]).toEqual([0, 0, 1, 1, 0]);
    const chosen: Expression = {
      kind: "select",
      condition: binary("subtract", input(0), constant(4)),
      then: constant(1),
      otherwise: constant(-1),
    };
    expect([...apply(chosen, x)]).toEqual([-1, 1, 1, 1, 1]);
  });

  test("expressions that differ only in infinities are not confused", () => {
    const high = binary("minimum", input(0), constant(Infinity));
    const low = binary("minimum", input(0), constant(-Infinity));
    expect([
      ...apply(binary("subtract", high, binary("multiply", low, constant(0.5))), Float32Array.of(3)),
    ]).toEqual([Infinity]);
  });
});

describe("random", () => {
  test("uniform numbers equal the reference's, for any thread count and position", () => {
    const domain = [3, 5, 7];
    const spec: LoopKernel = {
      family: "loop",
      domain,
      reducedAxes: [],
      operands: [{ dataType: "f32", strides: [0, 1, 0] }],
      reductions: [],
      outputs: [
        {
          expression: binary("multiply", input(0), { kind: "random", stream: 9, offset: 1000 }),
          over: "domain",
        },
      ],
    };
    const ones = new Float32Array(5).fill(1);
    for (const threads of [1, 3]) {
      const [result] = runKernel(spec, [ones], [105], { threads, seed: -123456, step: 17 });
      const expected = Array.from({ length: 105 }, (_, index) => uniform(-123456, 9, index + 1000, 17));
      expect([...result!]).toEqual(expected);
    }
  });
});
