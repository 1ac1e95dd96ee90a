/** Values that stand for initializers and rates, in all the ways they can be written. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { ScalarExpression } from "../../../runtime/program/expression.js";
import type { SettingValue } from "../../library/settings.js";
import type { Frame } from "../frame.js";
import type { Value } from "../values/value.js";
import { realOf } from "./real.js";

/** The initializer a value stands for; undefined when it is none, null when it is unknown. */
export function initializerOf(
  value: Value,
  span: Span,
  frame: Frame,
): Extract<SettingValue, { readonly kind: "initializer" }> | null | undefined {
  if (value.kind === "initializer") return { kind: "initializer", call: value.call };
  if (value.kind !== "word" || value.definition.kind !== "initializer") return undefined;
  const called = frame.operations.callNonLayer(value.definition, [], span, frame);
  return called.kind === "initializer" ? { kind: "initializer", call: called.call } : null;
}

/** The rate a number or schedule stands for; undefined when it is neither, null when it is unknown. */
export function rateOf(
  value: Value,
  span: Span,
  frame: Frame,
  what: string,
): ScalarExpression | null | undefined {
  if (value.kind === "rate") return value.expression;
  if (value.kind === "word" && value.definition.kind === "schedule") {
    const called = frame.operations.callNonLayer(value.definition, [], span, frame);
    return called.kind === "rate" ? called.expression : null;
  }
  if (value.kind !== "size" && value.kind !== "float") return undefined;
  const number = realOf(value, span, frame, what);
  return number === null ? null : { kind: "constant", value: number };
}
