/** The operators `+ - * /` between tensors, or a tensor and a number, and unary minus. */
import * as scalar from "../expressions.js";
import type { BinaryOperator } from "../../../runtime/program/expression.js";
import { broadcastShapes } from "../broadcast.js";
import { defineLayer } from "../define.js";
import type { LayerDefinition } from "../definition.js";
import { mapOperands, operandsOf } from "../operands.js";
import { definePointwise } from "../pointwise.js";
import { accept, reject, unchanged } from "../shape-results.js";

const names = ["left", "right"];

export const add = operator("add", "+", "added", "Adds two tensors element by element.");
export const subtract = operator("subtract", "-", "subtracted", "Subtracts element by element.");
export const multiply = operator("multiply", "*", "multiplied", "Multiplies element by element.");
export const divide = operator("divide", "/", "divided", "Divides element by element.");

export const negate = definePointwise({
  name: "negate",
  category: "function",
  summary: "The operator `-x`.",
  formula: "y = -x",
  source: "",
  expression: () => scalar.negate(scalar.input(0)),
});

function operator(
  name: Extract<BinaryOperator, "add" | "subtract" | "multiply" | "divide">,
  symbol: string,
  verb: string,
  summary: string,
): LayerDefinition {
  return defineLayer({
    name,
    category: "function",
    documentation: {
      summary: `${summary} The operator \`left ${symbol} right\`.`,
      formula: `y = left ${symbol} right`,
      source: "",
    },
    tensors: names,
    scalarOperands: names,
    shape: ({ inputs, settings }) => {
      const [left, right] = operandsOf(names, inputs, settings);
      if (left!.kind === "number" && right!.kind === "number") {
        return reject("type", `neither operand of ${symbol} is a tensor`);
      }
      if (left!.kind === "number") return accept(unchanged(inputs[0]!));
      if (right!.kind === "number" || right!.tensor.shape.length === 0)
        return accept(unchanged(left!.tensor));
      if (left!.tensor.shape.length === 0) return accept(unchanged(right!.tensor));
      const met = broadcastShapes(verb, left!.tensor, right!.tensor);
      return met.ok ? accept(met.shape, { conditions: met.conditions }) : met;
    },
    lower: ({ builder, inputs, settings }) => [
      mapOperands(builder, operandsOf(names, inputs, settings), (left, right) =>
        scalar.binary(name, left!, right!),
      ),
    ],
  });
}
