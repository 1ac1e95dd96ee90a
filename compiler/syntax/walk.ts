/** Visiting expressions without knowing every kind of them. */
import { unreachable } from "../diagnostics/invariant.js";
import type { Argument, Expression, IndexAxis } from "./ast.js";

/** The expressions directly inside one, in source order. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "number":
    case "string":
    case "boolean":
    case "name":
    case "missing":
      return [];
    case "call":
      return [expression.callee, ...expression.arguments.map(argumentValue)];
    case "index":
      return [expression.target, ...expression.axes.flatMap(axisParts)];
    case "member":
      return [expression.target];
    case "list":
    case "tuple":
      return expression.items;
    case "group":
      return [expression.inner];
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "if":
      return [expression.condition, expression.then, expression.otherwise];
    case "arrow":
      return expression.stages;
    case "as":
      return [expression.value];
    case "range":
      return [expression.start, expression.stop];
    default:
      return unreachable(expression, "expression");
  }
}

/** Whether some part could not be read, so that nothing can be said about the whole. */
export function containsMissing(expression: Expression): boolean {
  return expression.kind === "missing" || childrenOf(expression).some(containsMissing);
}

function argumentValue(argument: Argument): Expression {
  return argument.kind === "iteration" ? argument.source : argument.value;
}

function axisParts(axis: IndexAxis): readonly Expression[] {
  if (axis.kind === "at") return [axis.position];
  return [axis.start, axis.stop, axis.step].filter((part) => part !== null);
}
