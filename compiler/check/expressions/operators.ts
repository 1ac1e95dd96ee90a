/** Operators between numbers, sizes, truth values and tensors. */
import type { Span } from "../../diagnostics/diagnostic.js";
import { unreachable } from "../../diagnostics/invariant.js";
import type { BinaryExpression, Expression, UnaryExpression } from "../../syntax/ast.js";
import { negate } from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import { applyWord } from "../layers/apply-word.js";
import { describe } from "../values/describe.js";
import { type Value, isLayerLike, unknown } from "../values/value.js";
import { arithmetic } from "./arithmetic.js";
import { compare, negateCondition, joinConditions } from "./comparison.js";

const tensorWords = { "+": "add", "-": "subtract", "*": "multiply", "/": "divide" } as const;

/** `arrow` is the span of the arrow that this is a stage of, for its advice. */
export function evaluateBinary(expression: BinaryExpression, frame: Frame, arrow: Span | null): Value {
  // Sums of a thousand terms nest to the left; walking down them needs no stack.
  const spine = [expression];
  for (let { left } = expression; left.kind === "binary"; left = left.left) spine.push(left);
  const { evaluate } = frame.operations;
  let value = evaluate(spine.at(-1)!.left, frame);
  for (const operation of spine.toReversed()) {
    value = combine(operation, value, evaluate(operation.right, frame), frame, arrow);
  }
  return value;
}

function combine(
  expression: BinaryExpression,
  left: Value,
  right: Value,
  frame: Frame,
  arrow: Span | null,
): Value {
  // With the other side unknown, there is a mistake to mend first.
  if (left.kind === "unknown" || right.kind === "unknown") return unknown;
  const layerSide = isLayerLike(left) ? expression.left : isLayerLike(right) ? expression.right : null;
  if (layerSide !== null) {
    reportLayerOperand(expression, layerSide, frame, arrow);
    return unknown;
  }
  if (left.kind === "tensor" || right.kind === "tensor") return onTensors(expression, left, right, frame);
  const { operator } = expression;
  switch (operator) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(expression, operator, left, right, frame);
    case "and":
    case "or":
      return joinConditions(expression, operator, left, right, frame);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return compare(expression, operator, left, right, frame);
    default:
      return unreachable(operator, "operator");
  }
}

export function evaluateUnary(expression: UnaryExpression, frame: Frame): Value {
  const value = frame.operations.evaluate(expression.operand, frame);
  if (value.kind === "unknown") return unknown;
  if (expression.operator === "not") return negateCondition(expression, value, frame);
  switch (value.kind) {
    case "size":
      return { ...value, size: negate(value.size) };
    case "float":
      return { kind: "float", value: -value.value };
    case "tensor":
      return applyWord("negate", [value], frame, {
        span: expression.span,
        head: expression.span,
        name: null,
        operands: [expression.operand.span],
        isFlow: false,
      });
    default:
      reportAt(
        frame,
        "type",
        expression.operand.span,
        `\`-\` needs a number or a tensor, and this is ${describe(value)}`,
      );
      return unknown;
  }
}

function onTensors(expression: BinaryExpression, left: Value, right: Value, frame: Frame): Value {
  const { operator, operatorSpan } = expression;
  if (operator !== "+" && operator !== "-" && operator !== "*" && operator !== "/") {
    reportAt(frame, "type", operatorSpan, `\`${operator}\` does not work on tensors`, {
      related: operandLabels(expression, left, right),
      notes: ["a net computes with tensors only by + - * / and layers; their numbers are not known now"],
    });
    return unknown;
  }
  const wrong = [left, right].find((value) => !["tensor", "size", "float"].includes(value.kind));
  if (wrong !== undefined) {
    reportAt(
      frame,
      "type",
      operatorSpan,
      `\`${operator}\` needs tensors or numbers, and one side is ${describe(wrong)}`,
      {
        related: operandLabels(expression, left, right),
      },
    );
    return unknown;
  }
  return applyWord(tensorWords[operator], [left, right], frame, {
    span: expression.span,
    head: operatorSpan,
    name: null,
    operands: [expression.left.span, expression.right.span],
    isFlow: false,
  });
}

function operandLabels(expression: BinaryExpression, left: Value, right: Value) {
  return [
    { span: expression.left.span, label: describe(left) },
    { span: expression.right.span, label: describe(right) },
  ];
}

/** `x -> f + x` reads `x -> (f + x)`, which nobody means. */
function reportLayerOperand(
  expression: BinaryExpression,
  layerSide: Expression,
  frame: Frame,
  arrow: Span | null,
): void {
  const { operator } = expression;
  const layer = textOf(frame.checker, layerSide.span);
  reportAt(frame, "type", layerSide.span, `\`${operator}\` needs tensors, and \`${layer}\` is a layer`, {
    label: "a layer, not yet applied to anything",
    notes:
      arrow === null
        ? [`a layer gives a tensor when a tensor flows into it: (x -> ${layer})`]
        : [
            `\`->\` binds more loosely than \`${operator}\`, so this reads: ... -> (${textOf(frame.checker, expression.span)})`,
          ],
    suggestion: arrow === null ? null : parenthesized(expression, arrow, frame),
  });
}

/** Puts what flows into the left operand in parentheses: `(x -> f) + x`. */
function parenthesized(expression: BinaryExpression, arrow: Span, frame: Frame) {
  // In `x -> f + g + x` the arrow ends at the leftmost operand.
  let { left } = expression;
  while (left.kind === "binary") left = left.left;
  const flow = textOf(frame.checker, { file: arrow.file, start: arrow.start, end: left.span.end });
  const rest = textOf(frame.checker, { file: arrow.file, start: left.span.end, end: expression.span.end });
  return {
    message: `Put the flow in parentheses: (${flow})${rest}`,
    edits: [
      { span: { file: arrow.file, start: arrow.start, end: arrow.start }, text: "(" },
      { span: { file: arrow.file, start: left.span.end, end: left.span.end }, text: ")" },
    ],
  };
}
