/**
 * What the operators of scalar expressions mean, in float64, with the same bits on
 * every engine: learning rates depend on it, and with them every weight.
 *
 * Invariant: only `+ - * /`, comparisons, sqrt and floor of the engine are used, which
 * IEEE 754 fixes to the last bit; see elementary-functions.ts for the rest.
 */
import { cos, erf, exp, log, power, sigmoid, sin, tanh } from "./elementary-functions.js";
import type { BinaryOperator, ScalarExpression, ScalarVariable, UnaryOperator } from "./expression.js";

/**
 * The value of an expression without inputs.
 * @throws RangeError when it reads what only a kernel has: that is a broken Program
 */
export function evaluateScalar(
  expression: ScalarExpression,
  variables: Readonly<Record<ScalarVariable, number>>,
): number {
  switch (expression.kind) {
    case "constant":
      return expression.value;
    case "variable":
      return variables[expression.name];
    case "unary":
      return applyUnary(expression.operator, evaluateScalar(expression.argument, variables));
    case "binary":
      return applyBinary(
        expression.operator,
        evaluateScalar(expression.left, variables),
        evaluateScalar(expression.right, variables),
      );
    case "select":
      return evaluateScalar(expression.condition, variables) !== 0
        ? evaluateScalar(expression.then, variables)
        : evaluateScalar(expression.otherwise, variables);
    case "input":
    case "reduced":
    case "coordinate":
    case "random":
      throw new RangeError(`a scalar expression cannot read an element (${expression.kind})`);
  }
}

export function applyUnary(operator: UnaryOperator, x: number): number {
  switch (operator) {
    case "negate":
      return -x;
    case "exp":
      return exp(x);
    case "log":
      return log(x);
    case "sqrt":
      return Math.sqrt(x);
    case "tanh":
      return tanh(x);
    case "sigmoid":
      return sigmoid(x);
    case "erf":
      return erf(x);
    case "sin":
      return sin(x);
    case "cos":
      return cos(x);
    case "abs":
      return Math.abs(x);
    case "floor":
      return Math.floor(x);
    case "is_finite":
      return Number.isFinite(x) ? 1 : 0;
  }
}

export function applyBinary(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case "add":
      return left + right;
    case "subtract":
      return left - right;
    case "multiply":
      return left * right;
    case "divide":
      return left / right;
    case "maximum":
      return Math.max(left, right);
    case "minimum":
      return Math.min(left, right);
    case "power":
      return power(left, right);
    case "less":
      return left < right ? 1 : 0;
    case "less_equal":
      return left <= right ? 1 : 0;
    case "equal":
      return left === right ? 1 : 0;
  }
}
