/** Arithmetic on integers, sizes and real numbers. */
import { unreachable } from "../../diagnostics/invariant.js";
import type { BinaryExpression } from "../../syntax/ast.js";
import {
  type Size,
  add,
  asConstant,
  floorDivide,
  isRepresentable,
  modulo,
  multiply,
  subtract,
  variablesOf,
} from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "../values/describe.js";
import { type SizeValue, type Value, unknown } from "../values/value.js";

type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** Integers stay integers, and `/` rounds down; with a real number, everything is real. */
export function arithmetic(
  expression: BinaryExpression,
  operator: ArithmeticOperator,
  left: Value,
  right: Value,
  frame: Frame,
): Value {
  if (left.kind === "size" && right.kind === "size") return onSizes(expression, operator, left, right, frame);
  const [a, b] = [realNumber(left), realNumber(right)];
  if (a !== null && b !== null) {
    const value = onReals(operator, a, b);
    if (Number.isFinite(value)) return { kind: "float", value };
    reportAt(frame, "size", expression.span, b === 0 ? "this divides by zero" : "this number is too large");
    return unknown;
  }
  reportOperands(expression, left, right, frame);
  return unknown;
}

function onSizes(
  expression: BinaryExpression,
  operator: ArithmeticOperator,
  left: SizeValue,
  right: SizeValue,
  frame: Frame,
): Value {
  if ((operator === "/" || operator === "%") && asConstant(right.size) === 0) {
    reportAt(frame, "size", expression.right.span, "this divides by zero");
    return unknown;
  }
  const size = sizeOperation(operator, left.size, right.size);
  if (!isRepresentable(size)) {
    reportAt(frame, "limit", expression.span, "this number is too large to be exact", {
      notes: [`whole numbers go up to 2^53 - 1 = ${String(Number.MAX_SAFE_INTEGER)}`],
    });
    return unknown;
  }
  const from = [...left.from, ...right.from].slice(0, 4);
  const remainder = operator === "/" ? asConstant(modulo(left.size, right.size)) : 0;
  const here = remainder !== 0 && remainder !== null ? textOf(frame.checker, expression.span) : null;
  return { kind: "size", size, from, rounded: left.rounded ?? right.rounded ?? here };
}

function sizeOperation(operator: ArithmeticOperator, left: Size, right: Size): Size {
  switch (operator) {
    case "+":
      return add(left, right);
    case "-":
      return subtract(left, right);
    case "*":
      return multiply(left, right);
    case "/":
      return floorDivide(left, right);
    case "%":
      return modulo(left, right);
    default:
      return unreachable(operator, "operator");
  }
}

function onReals(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left - right * Math.floor(left / right);
    default:
      return unreachable(operator, "operator");
  }
}

function realNumber(value: Value): number | null {
  if (value.kind === "float") return value.value;
  return value.kind === "size" ? asConstant(value.size) : null;
}

function reportOperands(expression: BinaryExpression, left: Value, right: Value, frame: Frame): void {
  for (const [value, side] of [
    [left, expression.left],
    [right, expression.right],
  ] as const) {
    if (value.kind === "float" || realNumber(value) !== null) continue;
    if (value.kind === "size") {
      const names = variablesOf(value.size).join(" and ");
      reportAt(frame, "size", side.span, `this must be a number to be combined with a real number`, {
        notes: [`${names} is known only later`],
      });
    } else {
      reportAt(
        frame,
        "type",
        side.span,
        `\`${expression.operator}\` needs numbers, and this is ${describe(value)}`,
      );
    }
    return;
  }
}
