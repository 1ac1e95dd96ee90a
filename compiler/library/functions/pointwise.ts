/** Functions of each value alone: square, sqrt, exp, log, abs. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import type { LayerDefinition } from "../definition.js";
import { definePointwise } from "../pointwise.js";

const x = scalar.input(0);

export const pointwiseFunctions: readonly LayerDefinition[] = [
  pointwise("square", "The square of each value.", "y = x * x", scalar.multiply(x, x)),
  pointwise("sqrt", "The square root of each value.", "y = sqrt(x)", scalar.sqrt(x)),
  pointwise("exp", "The exponential of each value.", "y = exp(x)", scalar.exp(x)),
  pointwise("log", "The natural logarithm of each value.", "y = log(x)", scalar.log(x)),
  pointwise("abs", "The magnitude of each value.", "y = |x|", scalar.abs(x)),
];

function pointwise(name: string, summary: string, formula: string, expression: Expression): LayerDefinition {
  return definePointwise({
    name,
    category: "function",
    summary,
    formula,
    source: "",
    expression: () => expression,
  });
}
