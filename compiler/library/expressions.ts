/**
 * Scalar expressions as formulas: `maximum(input(0), 0)`. Plain numbers stand for
 * constants; what can be computed now is folded, as all of `ir/expressions.ts` does.
 */
import type {
  BinaryOperator,
  Expression,
  ScalarVariable,
  UnaryOperator,
} from "../../runtime/program/expression.js";
import * as plain from "../ir/expressions.js";

export { constant, coordinate, input, random } from "../ir/expressions.js";

/** An expression, or a number standing for a constant. */
export type Operand = Expression | number;

/** What a schedule depends on: `step`, `steps`, `epoch_steps`. */
export function variable(name: ScalarVariable): Expression {
  return { kind: "variable", name };
}

export function unary(operator: UnaryOperator, argument: Operand): Expression {
  return plain.unary(operator, expression(argument));
}

export function binary(operator: BinaryOperator, left: Operand, right: Operand): Expression {
  return plain.binary(operator, expression(left), expression(right));
}

/** `condition != 0 ? then : otherwise`; both sides are evaluated. */
export function select(condition: Operand, then: Operand, otherwise: Operand): Expression {
  return plain.select(expression(condition), expression(then), expression(otherwise));
}

export const negate = (argument: Operand) => unary("negate", argument);
export const exp = (argument: Operand) => unary("exp", argument);
export const log = (argument: Operand) => unary("log", argument);
export const sqrt = (argument: Operand) => unary("sqrt", argument);
export const tanh = (argument: Operand) => unary("tanh", argument);
export const sigmoid = (argument: Operand) => unary("sigmoid", argument);
export const erf = (argument: Operand) => unary("erf", argument);
export const sin = (argument: Operand) => unary("sin", argument);
export const cos = (argument: Operand) => unary("cos", argument);
export const abs = (argument: Operand) => unary("abs", argument);
export const floor = (argument: Operand) => unary("floor", argument);
export const isFinite = (argument: Operand) => unary("is_finite", argument);

export const add = (left: Operand, right: Operand) => binary("add", left, right);
export const subtract = (left: Operand, right: Operand) => binary("subtract", left, right);
export const multiply = (left: Operand, right: Operand) => binary("multiply", left, right);
export const divide = (left: Operand, right: Operand) => binary("divide", left, right);
export const maximum = (left: Operand, right: Operand) => binary("maximum", left, right);
export const minimum = (left: Operand, right: Operand) => binary("minimum", left, right);
export const power = (left: Operand, right: Operand) => binary("power", left, right);
export const less = (left: Operand, right: Operand) => binary("less", left, right);
export const lessEqual = (left: Operand, right: Operand) => binary("less_equal", left, right);
export const equal = (left: Operand, right: Operand) => binary("equal", left, right);

function expression(operand: Operand): Expression {
  return typeof operand === "number" ? plain.constant(operand) : operand;
}
