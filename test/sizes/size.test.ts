import { test as property, fc } from "./property.js";
import { describe, expect, it } from "vitest";
import {
  type Size,
  add,
  asConstant,
  boundsOf,
  ceilDivide,
  compareEqual,
  compareLess,
  constant,
  equal,
  evaluate,
  floorDivide,
  format,
  isRepresentable,
  modulo,
  multiply,
  subtract,
  substitute,
  variable,
  variablesOf,
} from "../../compiler/sizes/size.js";

const [n, h, w] = [variable("N"), variable("H"), variable("W")];
const number = constant;

/** A size together with its meaning in plain numbers. */
interface Sample {
  readonly size: Size;
  readonly value: (variables: ReadonlyMap<string, number>) => number;
}

const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.integer({ min: -9, max: 9 }).map((value): Sample => ({ size: constant(value), value: () => value })),
    fc
      .constantFrom("H", "W", "N")
      .map((name): Sample => ({ size: variable(name), value: (variables) => variables.get(name)! })),
    fc
      .tuple(tie("sample"), tie("sample"))
      .map(([a, b]): Sample => ({ size: add(a.size, b.size), value: (v) => a.value(v) + b.value(v) })),
    fc
      .tuple(tie("sample"), tie("sample"))
      .map(([a, b]): Sample => ({ size: subtract(a.size, b.size), value: (v) => a.value(v) - b.value(v) })),
    fc
      .tuple(tie("sample"), tie("sample"))
      .map(([a, b]): Sample => ({ size: multiply(a.size, b.size), value: (v) => a.value(v) * b.value(v) })),
    fc.tuple(tie("sample"), fc.integer({ min: 1, max: 12 })).map(([a, d]): Sample => ({
      size: floorDivide(a.size, number(d)),
      value: (v) => Math.floor(a.value(v) / d),
    })),
    fc.tuple(tie("sample"), fc.integer({ min: 1, max: 12 })).map(([a, d]): Sample => ({
      size: ceilDivide(a.size, number(d)),
      value: (v) => Math.ceil(a.value(v) / d),
    })),
    fc.tuple(tie("sample"), fc.constantFrom("H", "W")).map(([a, name]): Sample => ({
      size: floorDivide(a.size, variable(name)),
      value: (v) => Math.floor(a.value(v) / v.get(name)!),
    })),
    fc.tuple(tie("sample"), fc.constantFrom("H", "W")).map(([a, name]): Sample => ({
      size: ceilDivide(a.size, add(multiply(number(2), variable(name)), number(1))),
      value: (v) => Math.ceil(a.value(v) / (2 * v.get(name)! + 1)),
    })),
  ),
})).sample;

const assignments = fc
  .record({
    H: fc.integer({ min: 1, max: 60 }),
    W: fc.integer({ min: 1, max: 60 }),
    N: fc.integer({ min: 1, max: 60 }),
  })
  .map((record) => new Map(Object.entries(record)));

describe("normal forms", () => {
  const cases: readonly (readonly [string, Size, Size])[] = [
    [
      "floor((4*H + 2) / 2) = 2*H + 1",
      floorDivide(add(multiply(number(4), h), number(2)), number(2)),
      add(multiply(number(2), h), number(1)),
    ],
    [
      "floor(floor(H / 2) / 2) = floor(H / 4)",
      floorDivide(floorDivide(h, number(2)), number(2)),
      floorDivide(h, number(4)),
    ],
    [
      "floor((H + 6) / 2) = floor(H / 2) + 3",
      floorDivide(add(h, number(6)), number(2)),
      add(floorDivide(h, number(2)), number(3)),
    ],
    [
      "floor((H - 1) / 2) + 1 = ceil(H / 2)",
      add(floorDivide(subtract(h, number(1)), number(2)), number(1)),
      ceilDivide(h, number(2)),
    ],
    [
      "ceil(ceil(H / 2) / 2) = ceil(H / 4)",
      ceilDivide(ceilDivide(h, number(2)), number(2)),
      ceilDivide(h, number(4)),
    ],
    [
      "floor((2*H + 1) / 4) = floor(H / 2)",
      floorDivide(add(multiply(number(2), h), number(1)), number(4)),
      floorDivide(h, number(2)),
    ],
    ["floor(H*W / W) = H", floorDivide(multiply(h, w), w), h],
    ["(H + W) / (H + W) = 1", floorDivide(add(h, w), add(w, h)), number(1)],
    [
      "floor(-H / W) = -ceil(H / W)",
      floorDivide(subtract(number(0), h), w),
      subtract(number(0), ceilDivide(h, w)),
    ],
    [
      "(H + 1)*(H - 1) = H*H - 1",
      multiply(add(h, number(1)), subtract(h, number(1))),
      subtract(multiply(h, h), number(1)),
    ],
    ["H % 1 = 0", modulo(h, number(1)), number(0)],
    ["(6*H + 5) % 3 = 2", modulo(add(multiply(number(6), h), number(5)), number(3)), number(2)],
  ];
  it.each(cases)("%s", (_, left, right) => {
    expect(equal(left, right), `${format(left)} and ${format(right)}`).toBe(true);
  });

  it("tells apart what differs", () => {
    expect(equal(floorDivide(h, number(2)), ceilDivide(h, number(2)))).toBe(false);
    expect(equal(h, w)).toBe(false);
    expect(equal(multiply(number(2), floorDivide(h, number(2))), h)).toBe(false);
  });
});

describe("printing", () => {
  it.each([
    [add(multiply(number(2), h), subtract(floorDivide(w, number(3)), number(1))), "2*H + floor(W / 3) - 1"],
    [ceilDivide(h, number(2)), "ceil(H / 2)"],
    [floorDivide(add(multiply(number(3), h), w), number(4)), "floor((3*H + W) / 4)"],
    [multiply(number(400), n), "400*N"],
    [subtract(number(3), h), "-H + 3"],
    [number(0), "0"],
    [floorDivide(h, multiply(number(2), w)), "floor(H / (2*W))"],
  ])("%#: %j", (size, text) => {
    expect(format(size)).toBe(text);
  });
});

describe("against plain numbers", () => {
  property([samples, assignments], "evaluation agrees", (sample, variables) => {
    const expected = sample.value(variables);
    if (!isRepresentable(sample.size)) return;
    expect(evaluate(sample.size, variables)).toBe(expected === 0 ? 0 : expected);
  });
  property([samples, samples, assignments], "equal sizes have equal values", (a, b, variables) => {
    if (equal(a.size, b.size)) expect(a.value(variables) === b.value(variables)).toBe(true);
  });
  property([samples, assignments], "bounds hold", (sample, variables) => {
    const { minimum, maximum } = boundsOf(sample.size);
    const value = sample.value(variables);
    expect(minimum <= value && value <= maximum, `${minimum} <= ${value} <= ${maximum}`).toBe(true);
  });
  property([samples, samples, assignments], "answers hold", (a, b, variables) => {
    const [left, right] = [a.value(variables), b.value(variables)];
    const same = compareEqual(a.size, b.size);
    if (same !== "unknown") expect(left - right === 0).toBe(same === "yes");
    const less = compareLess(a.size, b.size);
    if (less !== "unknown") expect(left < right).toBe(less === "yes");
  });
  property(
    [samples, fc.integer({ min: 1, max: 40 }), assignments],
    "substitution agrees",
    (sample, factor, variables) => {
      const replaced = substitute(sample.size, new Map([["H", multiply(number(factor), h)]]));
      if (!isRepresentable(replaced)) return;
      const scaled = new Map(variables).set("H", factor * variables.get("H")!);
      const expected = sample.value(scaled);
      if (isRepresentable(sample.size))
        expect(evaluate(replaced, variables)).toBe(expected === 0 ? 0 : expected);
    },
  );
  property([samples], "only its variables occur", (sample) => {
    for (const name of variablesOf(sample.size)) expect(["H", "W", "N"]).toContain(name);
    if (variablesOf(sample.size).length === 0 && isRepresentable(sample.size))
      expect(asConstant(sample.size)).not.toBeNull();
  });
});

describe("what cannot be computed exactly", () => {
  const huge = number(2 ** 52);
  it("is detected", () => {
    expect(isRepresentable(add(huge, huge))).toBe(false);
    expect(isRepresentable(multiply(multiply(huge, h), number(4)))).toBe(false);
    expect(isRepresentable(constant(2 ** 53))).toBe(false);
    expect(isRepresentable(floorDivide(h, number(0)))).toBe(false);
    expect(evaluate(multiply(huge, h), new Map([["H", 1000]]))).toBeNaN();
  });
  it("spreads, and equals nothing", () => {
    const lost = add(huge, huge);
    expect(isRepresentable(subtract(add(lost, h), lost))).toBe(false);
    expect(isRepresentable(floorDivide(lost, number(2)))).toBe(false);
    expect(equal(lost, lost)).toBe(false);
    expect(asConstant(lost)).toBeNull();
  });
  it("stops expressions that grow without end", () => {
    let size = h;
    for (let index = 0; index < 2000; index += 1) size = floorDivide(multiply(number(3), size), number(2));
    expect(isRepresentable(size)).toBe(false);
    let sum = h;
    for (let index = 0; index < 30; index += 1) sum = multiply(add(sum, w), add(sum, number(1)));
    expect(isRepresentable(sum)).toBe(false);
  });
});
