/** Values as integers known now. */
import type { Span } from "../../diagnostics/diagnostic.js";
import { asConstant, format, variablesOf } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "./describe.js";
import type { Value } from "./value.js";

/** The integer; null, with a message unless it is unknown, when it is none or depends on open sizes. */
export function integerOf(value: Value, span: Span, frame: Frame, what: string): number | null {
  if (value.kind === "unknown") return null;
  if (value.kind === "size") {
    const number = asConstant(value.size);
    if (number !== null) return number;
    const names = variablesOf(value.size).join(" and ");
    reportAt(
      frame,
      "size",
      span,
      `${what} must be known when the net is built, and ${format(value.size)} is not`,
      {
        notes: [`${names} gets its number only when a program is made`],
        suggestion: { message: `Give ${names} as a number in the signature, or as a setting.`, edits: [] },
      },
    );
    return null;
  }
  if (value.kind === "float" && Number.isSafeInteger(value.value)) {
    const text = String(value.value);
    reportAt(frame, "setting", span, `${what} must be a whole number, written without point or exponent`, {
      suggestion: { message: `Write ${text}.`, edits: [{ span, text }] },
    });
    return null;
  }
  reportAt(frame, "setting", span, `${what} must be a whole number, and this is ${describe(value)}`);
  return null;
}
