/** Prints scalar expressions in infix, with no more parentheses than needed: `tanh(in0 * 0.5 + in1)`. */
import type { BinaryOperator, Expression } from "../../runtime/program/expression.js";

/** How tightly an operator binds; calls bind tightest. */
const precedence = {
  less: 1,
  less_equal: 1,
  equal: 1,
  add: 2,
  subtract: 2,
  multiply: 3,
  divide: 3,
  negate: 4,
  power: 5,
  call: 6,
} as const;

const symbols = {
  less: "<",
  less_equal: "<=",
  equal: "==",
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  power: "**",
} as const;

export function printExpression(expression: Expression): string {
  return print(expression).text;
}

interface Printed {
  readonly text: string;
  readonly binding: number;
}

function print(expression: Expression): Printed {
  switch (expression.kind) {
    case "constant":
      return {
        text: String(expression.value),
        binding: expression.value < 0 ? precedence.negate : precedence.call,
      };
    case "input":
      return call(`in${String(expression.index)}`);
    case "reduced":
      return call(`r${String(expression.index)}`);
    case "coordinate":
      return call(`axis${String(expression.axis)}`);
    case "random":
      return call(
        `random(${[expression.stream, ...(expression.offset === 0 ? [] : [expression.offset])].join(", ")})`,
      );
    case "variable":
      return call(expression.name);
    case "unary":
      if (expression.operator === "negate") {
        return {
          text: `-${parenthesized(expression.argument, precedence.negate)}`,
          binding: precedence.negate,
        };
      }
      return call(`${expression.operator}(${printExpression(expression.argument)})`);
    case "binary":
      return printBinary(expression.operator, expression.left, expression.right);
    case "select": {
      const { condition, then, otherwise } = expression;
      return call(`select(${[condition, then, otherwise].map(printExpression).join(", ")})`);
    }
  }
}

function printBinary(operator: BinaryOperator, left: Expression, right: Expression): Printed {
  if (operator === "maximum" || operator === "minimum") {
    return call(`${operator}(${printExpression(left)}, ${printExpression(right)})`);
  }
  const binding = precedence[operator];
  const leftText = parenthesized(left, operator === "power" ? binding + 1 : binding);
  // Arithmetic is not associative in floating point: a right operand of equal strength keeps its parentheses.
  const rightText = parenthesized(right, binding + 1);
  return { text: `${leftText} ${symbols[operator]} ${rightText}`, binding };
}

function parenthesized(expression: Expression, needed: number): string {
  const { text, binding } = print(expression);
  return binding >= needed ? text : `(${text})`;
}

function call(text: string): Printed {
  return { text, binding: precedence.call };
}
