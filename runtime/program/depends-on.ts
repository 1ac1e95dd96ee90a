/** Whether a schedule depends on a variable: a rate that does not mention `steps` suits runs of any length. */
import type { ScalarExpression, ScalarVariable } from "./expression.js";

export function dependsOn(expression: ScalarExpression, variable: ScalarVariable): boolean {
  switch (expression.kind) {
    case "variable":
      return expression.name === variable;
    case "unary":
      return dependsOn(expression.argument, variable);
    case "binary":
      return dependsOn(expression.left, variable) || dependsOn(expression.right, variable);
    case "select":
      return [expression.condition, expression.then, expression.otherwise].some((part) =>
        dependsOn(part, variable),
      );
    case "constant":
    case "input":
    case "reduced":
    case "coordinate":
    case "random":
      return false;
  }
}
