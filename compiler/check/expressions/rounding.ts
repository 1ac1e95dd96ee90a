/** `ceil(a / b)` and `floor(a / b)` on sizes and numbers. */
import type { CallExpression, Expression } from "../../syntax/ast.js";
import { asConstant, ceilDivide } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "../values/describe.js";
import { type Value, sizeValue, unknown } from "../values/value.js";

export function evaluateRounding(call: CallExpression, word: "ceil" | "floor", frame: Frame): Value {
  const [argument, ...rest] = call.arguments;
  if (argument === undefined || argument.kind !== "positional" || rest.length > 0) {
    reportAt(frame, "setting", call.span, `\`${word}\` takes one number: ${word}(a / b)`);
    return unknown;
  }
  const { evaluate } = frame.operations;
  const division = divisionIn(argument.value);
  if (word === "ceil" && division !== null) {
    const left = evaluate(division.left, frame);
    const right = evaluate(division.right, frame);
    if (left.kind === "size" && right.kind === "size" && asConstant(right.size) !== 0) {
      return sizeValue(ceilDivide(left.size, right.size), [...left.from, ...right.from].slice(0, 4));
    }
  }
  const value = evaluate(argument.value, frame);
  if (value.kind === "unknown") return unknown;
  // Rounding down on purpose is no accident that a float setting should be told about.
  if (value.kind === "size") return { ...value, rounded: null };
  if (value.kind === "float") {
    const rounded = word === "ceil" ? Math.ceil(value.value) : Math.floor(value.value);
    if (Number.isSafeInteger(rounded))
      return sizeValue({ terms: rounded === 0 ? [] : [{ coefficient: rounded, atoms: [] }] });
  }
  reportAt(frame, "type", argument.span, `\`${word}\` rounds numbers, and this is ${describe(value)}`);
  return unknown;
}

function divisionIn(expression: Expression) {
  if (expression.kind === "group") return divisionIn(expression.inner);
  return expression.kind === "binary" && expression.operator === "/" ? expression : null;
}
