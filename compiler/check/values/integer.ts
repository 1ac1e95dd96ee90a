/** Values as integers: known now, or sizes that get their numbers later. */
import type { Span } from "../../diagnostics/diagnostic.js";
import { type Size, asConstant, format, variablesOf } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "./describe.js";
import type { Value } from "./value.js";

/** The integer; null, with a message unless it is unknown, when it is none or depends on open sizes. */
export function integerOf(value: Value, span: Span, frame: Frame, what: string): number | null {
  const size = sizeOf(value, span, frame, what);
  if (size === null) return null;
  const number = asConstant(size);
  if (number !== null) return number;
  const names = variablesOf(size).join(" and ");
  reportAt(frame, "size", span, `${what} must be known when the net is built, and ${format(size)} is not`, {
    notes: [`${names} gets its number only when a program is made`],
    suggestion: { message: `Give ${names} as a number in the signature, or as a setting.`, edits: [] },
  });
  return null;
}

/** The integer, in terms of open sizes perhaps; null, with a message unless it is unknown, when it is none. */
export function sizeOf(value: Value, span: Span, frame: Frame, what: string): Size | null {
  if (value.kind === "unknown") return null;
  if (value.kind === "size") return value.size;
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
