/**
 * Symbolic derivatives of scalar expressions.
 *
 * At kinks a subgradient is chosen as PyTorch does: 0 for relu and abs at 0, the same
 * share to both sides of a tie of two maxima; comparisons, floor and is_finite have derivative 0.
 */
import type { Expression } from "../../runtime/program/expression.js";
import * as e from "./expressions.js";

/**
 * What flows back to input `index` when `cotangent` flows into an expression: the
 * derivative times the cotangent; null when the expression does not depend on it.
 *
 * @param value reads the expression's own value, which saves computing it again
 */
export function inputCotangent(
  expression: Expression,
  index: number,
  value: Expression,
  cotangent: Expression,
): Expression | null {
  const slope = derivative(expression, index, value);
  return e.isConstant(slope, 0) ? null : scaled(slope, cotangent);
}

/** slope * cotangent; a slope that is 0 in places selects, so that an infinite cotangent stays out. */
function scaled(slope: Expression, cotangent: Expression): Expression {
  if (slope.kind === "select") {
    const pick = (side: Expression): Expression => (e.isConstant(side, 0) ? side : scaled(side, cotangent));
    if (e.isConstant(slope.then, 0) || e.isConstant(slope.otherwise, 0)) {
      return e.select(slope.condition, pick(slope.then), pick(slope.otherwise));
    }
  }
  return e.multiply(cotangent, slope);
}

function derivative(expression: Expression, index: number, value: Expression): Expression {
  switch (expression.kind) {
    case "input":
      return e.constant(expression.index === index ? 1 : 0);
    case "constant":
    case "reduced":
    case "coordinate":
    case "random":
    case "variable":
      return e.constant(0);
    case "unary": {
      const inner = derivative(expression.argument, index, expression.argument);
      return e.isConstant(inner, 0) ? inner : product(unarySlope(expression, value), inner);
    }
    case "binary":
      return binaryDerivative(expression, index, value);
    case "select": {
      const { condition, then, otherwise } = expression;
      return e.select(condition, derivative(then, index, then), derivative(otherwise, index, otherwise));
    }
  }
}

type Unary = Extract<Expression, { kind: "unary" }>;
type Binary = Extract<Expression, { kind: "binary" }>;

function unarySlope({ operator, argument }: Unary, value: Expression): Expression {
  switch (operator) {
    case "negate":
      return e.constant(-1);
    case "exp":
      return value;
    case "log":
      return e.divide(e.constant(1), argument);
    case "sqrt":
      return e.divide(e.constant(0.5), value);
    case "tanh":
      return e.subtract(e.constant(1), e.multiply(value, value));
    case "sigmoid":
      return e.multiply(value, e.subtract(e.constant(1), value));
    case "erf":
      return e.multiply(
        e.unary("exp", e.unary("negate", e.multiply(argument, argument))),
        e.constant(2 / Math.sqrt(Math.PI)),
      );
    case "sin":
      return e.unary("cos", argument);
    case "cos":
      return e.unary("negate", e.unary("sin", argument));
    case "abs":
      return e.subtract(e.binary("less", e.constant(0), argument), e.binary("less", argument, e.constant(0)));
    case "floor":
    case "is_finite":
      return e.constant(0);
  }
}

function binaryDerivative(expression: Binary, index: number, value: Expression): Expression {
  const { operator, left, right } = expression;
  const leftSlope = derivative(left, index, left);
  const rightSlope = derivative(right, index, right);
  switch (operator) {
    case "add":
      return e.add(leftSlope, rightSlope);
    case "subtract":
      return e.subtract(leftSlope, rightSlope);
    case "multiply":
      return e.add(product(leftSlope, right), product(rightSlope, left));
    case "divide":
      return e.subtract(
        e.isConstant(leftSlope, 0) ? leftSlope : e.divide(leftSlope, right),
        product(rightSlope, e.divide(value, right)),
      );
    case "maximum":
    case "minimum":
      return extremumDerivative(expression, leftSlope, rightSlope, value);
    case "power": {
      const lowered = e.binary("power", left, e.subtract(right, e.constant(1)));
      const fromBase = product(leftSlope, e.multiply(right, lowered));
      const fromExponent = e.isConstant(rightSlope, 0)
        ? rightSlope
        : product(rightSlope, e.multiply(value, e.unary("log", left)));
      return e.add(fromBase, fromExponent);
    }
    case "less":
    case "less_equal":
    case "equal":
      return e.constant(0);
  }
}

function extremumDerivative(
  { operator, left, right }: Binary,
  leftSlope: Expression,
  rightSlope: Expression,
  value: Expression,
): Expression {
  const wins = (side: Expression, other: Expression): Expression =>
    operator === "maximum" ? e.binary("less", other, side) : e.binary("less", side, other);
  // Against a constant the result itself tells who won, so the operand need not be kept.
  if (right.kind === "constant") return e.select(wins(value, right), leftSlope, e.constant(0));
  if (left.kind === "constant") return e.select(wins(value, left), rightSlope, e.constant(0));
  const tie = e.multiply(e.binary("equal", left, right), e.constant(0.5));
  return e.add(
    product(leftSlope, e.add(wins(left, right), tie)),
    product(rightSlope, e.add(wins(right, left), tie)),
  );
}

/** 0 * x is 0 here: the factor is a slope that does not exist, not a number that happens to vanish. */
function product(slope: Expression, factor: Expression): Expression {
  if (e.isConstant(slope, 0)) return slope;
  if (e.isConstant(factor, 0)) return factor;
  return e.multiply(slope, factor);
}
