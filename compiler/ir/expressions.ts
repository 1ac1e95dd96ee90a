/**
 * Makes scalar expressions. Every function folds constants and drops neutral
 * elements, so what is built is already small.
 *
 * Invariant: the value is that of the plain tree for all finite operands.
 */
import type { BinaryOperator, Expression, UnaryOperator } from "../../runtime/program/expression.js";
import { applyBinary, applyUnary } from "../../runtime/program/evaluate-expression.js";

export function constant(value: number): Expression {
  return { kind: "constant", value };
}

/** The element of operand `index` at the current position. */
export function input(index: number): Expression {
  return { kind: "input", index };
}

/** The result of reduction `index` of the same loop. */
export function reduced(index: number): Expression {
  return { kind: "reduced", index };
}

/** The position along an axis of the domain. */
export function coordinate(axis: number): Expression {
  return { kind: "coordinate", axis };
}

export function random(stream: number, offset = 0): Expression {
  return { kind: "random", stream, offset };
}

export function unary(operator: UnaryOperator, argument: Expression): Expression {
  if (argument.kind === "constant")
    return folded(applyUnary(operator, argument.value), { kind: "unary", operator, argument });
  if (operator === "negate" && argument.kind === "unary" && argument.operator === "negate")
    return argument.argument;
  return { kind: "unary", operator, argument };
}

export function binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
  if (left.kind === "constant" && right.kind === "constant") {
    return folded(applyBinary(operator, left.value, right.value), { kind: "binary", operator, left, right });
  }
  switch (operator) {
    case "add":
      if (isConstant(left, 0)) return right;
      if (isConstant(right, 0)) return left;
      if (right.kind === "unary" && right.operator === "negate")
        return binary("subtract", left, right.argument);
      if (right.kind === "constant" && right.value < 0)
        return binary("subtract", left, constant(-right.value));
      if (equalExpressions(left, right)) return product(left, constant(2));
      break;
    case "subtract":
      if (isConstant(right, 0)) return left;
      if (isConstant(left, 0)) return unary("negate", right);
      break;
    case "multiply":
      return product(left, right);
    case "divide":
      if (isConstant(right, 1)) return left;
      // Exact: a power of two has an exact reciprocal.
      if (right.kind === "constant" && isPowerOfTwo(right.value))
        return product(left, constant(1 / right.value));
      break;
    case "power":
      if (isConstant(right, 1)) return left;
      if (isConstant(right, 2)) return product(left, left);
      if (isConstant(right, 0.5)) return unary("sqrt", left);
      break;
    case "less":
      // Above a limit that the maximum raises to anyway, or below one that the minimum lowers to.
      if (left.kind === "constant" && isClampedTo("maximum", right, (limit) => limit <= left.value)) {
        return binary("less", left, right.left);
      }
      if (right.kind === "constant" && isClampedTo("minimum", left, (limit) => limit >= right.value)) {
        return binary("less", left.left, right);
      }
      break;
    case "maximum":
    case "minimum":
    case "less_equal":
    case "equal":
      break;
  }
  return { kind: "binary", operator, left, right };
}

export function add(left: Expression, right: Expression): Expression {
  return binary("add", left, right);
}

export function subtract(left: Expression, right: Expression): Expression {
  return binary("subtract", left, right);
}

export function multiply(left: Expression, right: Expression): Expression {
  return binary("multiply", left, right);
}

export function divide(left: Expression, right: Expression): Expression {
  return binary("divide", left, right);
}

/** `condition != 0 ? then : otherwise` */
export function select(condition: Expression, then: Expression, otherwise: Expression): Expression {
  if (condition.kind === "constant") return condition.value !== 0 ? then : otherwise;
  if (equalExpressions(then, otherwise)) return then;
  return { kind: "select", condition, then, otherwise };
}

type Binary = Extract<Expression, { kind: "binary" }>;

export function isConstant(expression: Expression, value: number): boolean {
  return expression.kind === "constant" && expression.value === value;
}

/** Whether an expression is `operator(x, limit)` for a constant limit that satisfies the condition. */
function isClampedTo(
  operator: "maximum" | "minimum",
  expression: Expression,
  condition: (limit: number) => boolean,
): expression is Binary {
  return (
    expression.kind === "binary" &&
    expression.operator === operator &&
    expression.right.kind === "constant" &&
    condition(expression.right.value)
  );
}

/** Whether two expressions are the same tree. */
export function equalExpressions(left: Expression, right: Expression): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case "constant":
      return right.kind === "constant" && Object.is(left.value, right.value);
    case "input":
    case "reduced":
      return right.kind === left.kind && left.index === right.index;
    case "coordinate":
      return right.kind === "coordinate" && left.axis === right.axis;
    case "random":
      return right.kind === "random" && left.stream === right.stream && left.offset === right.offset;
    case "variable":
      return right.kind === "variable" && left.name === right.name;
    case "unary":
      return (
        right.kind === "unary" &&
        left.operator === right.operator &&
        equalExpressions(left.argument, right.argument)
      );
    case "binary":
      return (
        right.kind === "binary" &&
        left.operator === right.operator &&
        equalExpressions(left.left, right.left) &&
        equalExpressions(left.right, right.right)
      );
    case "select":
      return (
        right.kind === "select" &&
        equalExpressions(left.condition, right.condition) &&
        equalExpressions(left.then, right.then) &&
        equalExpressions(left.otherwise, right.otherwise)
      );
  }
}

function product(left: Expression, right: Expression): Expression {
  // Constants stand on the right, so that two of them meet.
  if (left.kind === "constant" && right.kind !== "constant") return product(right, left);
  if (isConstant(right, 1)) return left;
  if (isConstant(right, -1)) return unary("negate", left);
  if (right.kind === "constant" && left.kind === "binary" && left.operator === "multiply") {
    if (left.right.kind === "constant") return product(left.left, constant(left.right.value * right.value));
  }
  if (right.kind === "constant" && left.kind === "unary" && left.operator === "negate") {
    return product(left.argument, constant(-right.value));
  }
  return { kind: "binary", operator: "multiply", left, right };
}

function isPowerOfTwo(value: number): boolean {
  const exponent = Math.log2(Math.abs(value));
  return Number.isInteger(exponent) && Math.abs(exponent) < 100;
}

/** What is not finite stays unfolded: text formats cannot carry it. */
function folded(value: number, otherwise: Expression): Expression {
  return Number.isFinite(value) ? constant(value) : otherwise;
}
