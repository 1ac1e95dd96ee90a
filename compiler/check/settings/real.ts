/** Values as real numbers. */
import type { Span } from "../../diagnostics/diagnostic.js";
import { asConstant, format } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "../values/describe.js";
import type { Value } from "../values/value.js";

/** The number; null, with a message unless it is unknown, when it is none, or was rounded on the way. */
export function realOf(value: Value, span: Span, frame: Frame, what: string): number | null {
  if (value.kind === "unknown") return null;
  if (value.kind === "float") return value.value;
  if (value.kind !== "size") {
    reportAt(frame, "setting", span, `${what} must be a number, and this is ${describe(value)}`);
    return null;
  }
  const number = asConstant(value.size);
  if (number === null) {
    reportAt(frame, "size", span, `${what} must be a number, and ${format(value.size)} is known only later`);
    return null;
  }
  if (value.rounded === null) return number;
  const decimal = value.rounded.replace(/(\d)(\s*\/)/, "$1.0$2");
  reportAt(
    frame,
    "setting",
    span,
    `${value.rounded} divides whole numbers and rounds down, which gives ${String(number)}`,
    {
      notes: [`between whole numbers \`/\` is floor division; ${what} is a real number`],
      suggestion: {
        message: `Write one side with a point: ${decimal}`,
        edits: decimal === value.rounded ? [] : [{ span, text: decimal }],
      },
    },
  );
  return null;
}
