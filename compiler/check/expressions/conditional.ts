/** `if c then a else b`, decided at compile time; only the branch taken is evaluated. */
import type { IfExpression } from "../../syntax/ast.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { variablesOfCondition } from "../values/condition.js";
import { describe } from "../values/describe.js";
import { type Value, unknown } from "../values/value.js";

export function evaluateIf(expression: IfExpression, frame: Frame): Value {
  const { evaluate } = frame.operations;
  const condition = evaluate(expression.condition, frame);
  if (condition.kind === "unknown") return unknown;
  if (condition.kind !== "boolean") {
    reportAt(
      frame,
      "type",
      expression.condition.span,
      `\`if\` needs a condition, and this is ${describe(condition)}`,
    );
    return unknown;
  }
  if (condition.value === null) {
    const names = condition.condition === null ? [] : variablesOfCondition(condition.condition);
    reportAt(
      frame,
      "size",
      expression.condition.span,
      "this condition is true for some sizes and false for others",
      {
        label: "neither yes nor no",
        notes: [
          `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} known only when a program is made, and a net has one architecture for all sizes`,
        ],
        suggestion: {
          message: `Give ${names.join(" and ")} as ${names.length === 1 ? "a number" : "numbers"} in the signature, or decide by a setting instead of ${textOf(frame.checker, expression.condition.span)}.`,
          edits: [],
        },
      },
    );
    return unknown;
  }
  return evaluate(condition.value ? expression.then : expression.otherwise, frame);
}
