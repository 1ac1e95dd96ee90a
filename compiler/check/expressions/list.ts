/** Lists `[2, 1]` and ranges `0..4`. */
import type { ListExpression, RangeExpression } from "../../syntax/ast.js";
import type { Frame } from "../frame.js";
import { integerOf } from "../values/integer.js";
import { type Value, unknown } from "../values/value.js";

export function evaluateList(expression: ListExpression, frame: Frame): Value {
  const items = expression.items.map((item) => frame.operations.evaluate(item, frame));
  return items.some((item) => item.kind === "unknown") ? unknown : { kind: "list", items };
}

export function evaluateRange(expression: RangeExpression, frame: Frame): Value {
  const { evaluate } = frame.operations;
  const start = integerOf(
    evaluate(expression.start, frame),
    expression.start.span,
    frame,
    "the start of a range",
  );
  const stop = integerOf(evaluate(expression.stop, frame), expression.stop.span, frame, "the end of a range");
  return start === null || stop === null ? unknown : { kind: "range", start, stop };
}
