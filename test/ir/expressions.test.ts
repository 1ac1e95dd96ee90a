/** Expressions: folding keeps their value, printing keeps their structure, derivatives are slopes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputCotangent } from "../../compiler/ir/derivative.js";
import { children, isLargerThan, replaceInputs } from "../../compiler/ir/expression-tree.js";
import * as e from "../../compiler/ir/expressions.js";
import { printExpression } from "../../compiler/ir/print-expression.js";
import { evaluatePointwise } from "../../compiler/ops/evaluate-pointwise.js";
import type { BinaryOperator, Expression, UnaryOperator } from "../../runtime/program/expression.js";

/** The value where input i is values[i]. */
function valueAt(expression: Expression, values: readonly number[]): number {
  const operands = values.map((value) => ({ data: Float64Array.of(value), shape: [] }));
  return evaluatePointwise(expression, operands, [], [], { seed: 0, step: 0 })[0]!;
}

function treeSize(expression: Expression): number {
  return children(expression).reduce((sum, child) => sum + treeSize(child), 1);
}

const smoothUnary: UnaryOperator[] = ["negate", "exp", "tanh", "sigmoid", "erf", "sin", "cos"];
const otherUnary: UnaryOperator[] = ["abs", "floor", "is_finite"];
const smoothBinary: BinaryOperator[] = ["add", "subtract", "multiply"];
const otherBinary: BinaryOperator[] = ["maximum", "minimum", "less", "less_equal", "equal"];

/** Random trees over two inputs, built as plain data. */
function trees(unary: readonly UnaryOperator[], binary: readonly BinaryOperator[]): fc.Arbitrary<Expression> {
  const constants = fc
    .constantFrom(-2, -1, 0, 0.5, 1, 2, 3)
    .map((value): Expression => ({ kind: "constant", value }));
  const inputs = fc.constantFrom(0, 1).map((index): Expression => ({ kind: "input", index }));
  return fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, depthSize: "medium" },
      inputs,
      constants,
      fc.record({
        kind: fc.constant("unary" as const),
        operator: fc.constantFrom(...unary),
        argument: tie("tree"),
      }),
      fc.record({
        kind: fc.constant("binary" as const),
        operator: fc.constantFrom(...binary),
        left: tie("tree"),
        right: tie("tree"),
      }),
      fc.record({
        kind: fc.constant("select" as const),
        condition: inputs.map((input) => e.binary("less", e.constant(0), input)),
        then: tie("tree"),
        otherwise: tie("tree"),
      }),
    ),
  })).tree;
}

// Away from 0, where the conditions change.
const coordinates = fc.integer({ min: -75, max: 75 }).map((steps) => steps / 50 + 0.013);
const point = fc.tuple(coordinates, coordinates);
const rebuilt = (tree: Expression): Expression => replaceInputs(tree, (index) => e.input(index));

describe("expressions", () => {
  it("keep their value when they are folded", () => {
    fc.assert(
      fc.property(
        trees([...smoothUnary, ...otherUnary], [...smoothBinary, ...otherBinary]),
        point,
        (tree, values) => {
          const plain = valueAt(tree, values);
          fc.pre(Number.isFinite(plain) && Math.abs(plain) < 1e9);
          expect(Math.abs(valueAt(rebuilt(tree), values) - plain)).toBeLessThan(
            1e-9 * Math.max(1, Math.abs(plain)),
          );
        },
      ),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("grow no larger when they are folded", () => {
    fc.assert(
      fc.property(trees(smoothUnary, smoothBinary), (tree) => {
        expect(isLargerThan(rebuilt(tree), treeSize(tree))).toBe(false);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("have the slope that finite differences find", () => {
    fc.assert(
      fc.property(trees(smoothUnary, smoothBinary), point, (tree, [x, y]) => {
        const slope = inputCotangent(tree, 0, tree, e.constant(1));
        const h = 1e-4;
        const at = (offset: number): number => valueAt(tree, [x + offset, y]);
        const numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        fc.pre(Number.isFinite(numeric) && Math.abs(numeric) < 1e5 && Math.abs(at(0)) < 1e5);
        const analytic = slope === null ? 0 : valueAt(slope, [x, y]);
        expect(Math.abs(analytic - numeric)).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(numeric), Math.abs(at(0))),
        );
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it.each([
    ["log", (x: Expression) => e.unary("log", x), 1 / 0.7],
    ["sqrt", (x: Expression) => e.unary("sqrt", x), 0.5 / Math.sqrt(0.7)],
    ["1 / x", (x: Expression) => e.divide(e.constant(1), x), -1 / 0.49],
    ["x ** 2.5", (x: Expression) => e.binary("power", x, e.constant(2.5)), 2.5 * 0.7 ** 1.5],
    ["2 ** x", (x: Expression) => e.binary("power", e.constant(2), x), Math.LN2 * 2 ** 0.7],
    ["abs", (x: Expression) => e.unary("abs", x), 1],
  ])("have the slope known from calculus: %s", (_name, build, expected) => {
    const tree = build(e.input(0));
    expect(valueAt(inputCotangent(tree, 0, tree, e.constant(1))!, [0.7])).toBeCloseTo(expected, 12);
  });

  it("choose PyTorch's subgradient at kinks", () => {
    const slopeAt = (tree: Expression, values: readonly number[]): number =>
      valueAt(inputCotangent(tree, 0, tree, e.constant(1))!, values);
    expect(slopeAt(e.binary("maximum", e.input(0), e.constant(0)), [0])).toBe(0);
    expect(slopeAt(e.unary("abs", e.input(0)), [0])).toBe(0);
    expect(slopeAt(e.binary("maximum", e.input(0), e.input(1)), [2, 2])).toBe(0.5);
  });

  it("print with the parentheses they need and no others", () => {
    const [a, b, c] = [e.input(0), e.input(1), e.reduced(0)] as const;
    const printed = [
      e.multiply(e.add(a, b), c),
      e.subtract(a, e.subtract(b, c)),
      e.subtract(e.subtract(a, b), c),
      e.unary("negate", e.add(a, b)),
      e.binary("power", e.unary("negate", a), b),
      e.binary("less", e.add(a, e.constant(-1)), e.unary("tanh", b)),
      e.select(e.binary("equal", e.coordinate(1), a), e.random(7), e.random(7, 3)),
      e.binary("maximum", a, e.constant(0)),
      e.divide({ kind: "variable", name: "step" }, { kind: "variable", name: "steps" }),
    ].map(printExpression);
    expect(printed).toEqual([
      "(in0 + in1) * r0",
      "in0 - (in1 - r0)",
      "in0 - in1 - r0",
      "-(in0 + in1)",
      "(-in0) ** in1",
      "in0 - 1 < tanh(in1)",
      "select(axis1 == in0, random(7), random(7, 3))",
      "maximum(in0, 0)",
      "step / steps",
    ]);
  });

  it("share what they share after replacement", () => {
    const shared = e.unary("exp", e.input(0));
    const replaced = replaceInputs(e.multiply(e.add(shared, e.input(1)), shared), (index) =>
      e.input(index + 1),
    );
    const [sum, factor] = children(replaced);
    expect(children(sum!)[0]).toBe(factor);
  });
});
