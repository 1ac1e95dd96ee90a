/** What code generation for every target asks of expressions. */
import type { Expression } from "../../runtime/program/expression.js";
import { children } from "../ir/expression-tree.js";

/** Text that is equal for equal data: JSON, but for the numbers that it confuses. */
export function expressionKey(expression: unknown): string {
  return JSON.stringify(expression, (_, part: unknown) =>
    typeof part === "number" ? (Object.is(part, -0) ? "-0" : String(part)) : part,
  );
}

/** Operations of an expression, each counted as one. */
export function operationCount(expression: Expression): number {
  const own =
    expression.kind === "unary" || expression.kind === "binary" || expression.kind === "select" ? 1 : 0;
  return children(expression).reduce((sum, child) => sum + operationCount(child), own);
}
