/** The axes of shape patterns: size variables, numbers, and arithmetic on both. */
import type { AxisPattern, Expression } from "../../syntax/ast.js";
import type { Size } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { isBound } from "../names/lookup.js";
import { findEntry } from "../names/names.js";
import { addNamesIn } from "../names/references.js";
import { describe } from "../values/describe.js";

/** The size variable that stands alone on an axis; null when it is a value or an expression. */
export function variableOf(axis: AxisPattern, frame: Frame): string | null {
  if (axis.kind !== "size" || axis.expression.kind !== "name") return null;
  const { name } = axis.expression;
  const isConstant = frame.module.names.get(name)?.kind === "const";
  return findEntry(frame.names, name) !== null || isConstant ? null : name;
}

/** The size an axis asks for; null for `_` and after a mistake. */
export function sizeOfAxis(axis: AxisPattern, frame: Frame): Size | null {
  if (axis.kind === "any") return null;
  const { expression } = axis;
  const open = unboundIn(expression, frame);
  if (open !== null) {
    reportAt(frame, "size", expression.span, `\`${open}\` has no value yet`, {
      notes: [`a size variable gets its value where it stands alone, such as x[N, ${open}]`],
    });
    return null;
  }
  const value = frame.operations.evaluate(expression, frame);
  if (value.kind === "unknown" || value.kind === "any") return null;
  if (value.kind === "size") return value.size;
  reportAt(frame, "size", expression.span, `a size must be a whole number, and this is ${describe(value)}`);
  return null;
}

/** A name in an axis' arithmetic that nothing binds; a single misspelt word is left to look-up. */
function unboundIn(expression: Expression, frame: Frame): string | null {
  if (expression.kind === "name") return null;
  const names = new Set<string>();
  addNamesIn(expression, names);
  // `ceil(a / b)` and `floor(a / b)` belong to the language.
  names.delete("ceil");
  names.delete("floor");
  return [...names].find((name) => !isBound(name, frame) && !frame.checker.library.has(name)) ?? null;
}
