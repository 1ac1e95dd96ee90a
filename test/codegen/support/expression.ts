/** Scalar expressions evaluated in float64, for references; and shorthands to write them. */
import type { BinaryOperator, Expression, UnaryOperator } from "../../../runtime/program/expression.js";

export const input = (index: number): Expression => ({ kind: "input", index });
export const constant = (value: number): Expression => ({ kind: "constant", value });
export const reduced = (index: number): Expression => ({ kind: "reduced", index });
export const coordinate = (axis: number): Expression => ({ kind: "coordinate", axis });
export const unary = (operator: UnaryOperator, argument: Expression): Expression => ({
  kind: "unary",
  operator,
  argument,
});
export const binary = (operator: BinaryOperator, left: Expression, right: Expression): Expression => ({
  kind: "binary",
  operator,
  left,
  right,
});

export interface Leaves {
  readonly input: (index: number) => number;
  readonly reduced?: (index: number) => number;
  readonly coordinate?: (axis: number) => number;
  readonly random?: (stream: number, offset: number) => number;
}

export function evaluate(expression: Expression, leaves: Leaves): number {
  switch (expression.kind) {
    case "constant":
      return expression.value;
    case "input":
      return leaves.input(expression.index);
    case "reduced":
      return leaves.reduced!(expression.index);
    case "coordinate":
      return leaves.coordinate!(expression.axis);
    case "random":
      return leaves.random!(expression.stream, expression.offset);
    case "variable":
      throw new Error("variable");
    case "unary":
      return unaryFunctions[expression.operator](evaluate(expression.argument, leaves));
    case "binary":
      return binaryFunctions[expression.operator](
        evaluate(expression.left, leaves),
        evaluate(expression.right, leaves),
      );
    case "select":
      return evaluate(
        evaluate(expression.condition, leaves) !== 0 ? expression.then : expression.otherwise,
        leaves,
      );
  }
}

export const unaryFunctions: Readonly<Record<UnaryOperator, (x: number) => number>> = {
  negate: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
  sin: Math.sin,
  cos: Math.cos,
  abs: Math.abs,
  floor: Math.floor,
  is_finite: (x) => Number(Number.isFinite(x)),
};

const binaryFunctions: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  power: (a, b) => (a < 0 ? NaN : a ** b),
  less: (a, b) => Number(a < b),
  less_equal: (a, b) => Number(a <= b),
  equal: (a, b) => Number(a === b),
};

/** The error function: its Taylor series near 0, a continued fraction of erfc elsewhere. */
function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 80; n++) {
      term *= -(x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (size + fraction);
  const complement = Math.exp(-size * size) / (Math.sqrt(Math.PI) * (size + fraction));
  return Math.sign(x) * (1 - complement);
}
