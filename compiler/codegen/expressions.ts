/** What code generation for every target asks of expressions. */
import type { Expression } from "../../runtime/program/expression.js";
import { children } from "../ir/expression-tree.js";

/** Text that is equal for equal data: JSON, but for the numbers that it confuses. */
export function expressionKey(expression: unknown): string {
  return JSON.stringify(expression, (_, part: unknown) =>
    typeof part === "number" ? (Object.is(part, -0) ? "-0" : String(part)) : part,
  );
}

/**
 * Numbers for expressions, the same for equal ones alone. One numbering costs as much as the
 * expressions are large, where keys of all their parts would repeat each part at every level above it.
 */
export function createNumbering(): (expression: Expression) => number {
  const numbers = new Map<string, number>();
  const known = new Map<Expression, number>();
  const numberOf = (expression: Expression): number => {
    let number = known.get(expression);
    if (number === undefined) {
      const text = `${ownPart(expression)} ${children(expression).map(numberOf).join()}`;
      number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      known.set(expression, number);
    }
    return number;
  };
  return numberOf;
}

/** What an expression is besides its operands. */
function ownPart(expression: Expression): string {
  switch (expression.kind) {
    case "constant":
      return Object.is(expression.value, -0) ? "-0" : String(expression.value);
    case "input":
    case "reduced":
      return `${expression.kind} ${String(expression.index)}`;
    case "coordinate":
      return `coordinate ${String(expression.axis)}`;
    case "random":
      return `random ${String(expression.stream)} ${String(expression.offset)}`;
    case "variable":
      return expression.name;
    case "unary":
    case "binary":
      return expression.operator;
    case "select":
      return "select";
  }
}

/** Operations of an expression, each counted as one. */
export function operationCount(expression: Expression): number {
  const own =
    expression.kind === "unary" || expression.kind === "binary" || expression.kind === "select" ? 1 : 0;
  return children(expression).reduce((sum, child) => sum + operationCount(child), own);
}
