/** Values as tensors. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Dimension } from "../../sizes/dimension.js";
import { format } from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { type Frame, reportAt } from "../frame.js";
import type { Tensor } from "../model.js";
import { describe } from "./describe.js";
import type { Value } from "./value.js";

/** The tensors of a tensor or tuple; null, with a message unless it is unknown, for anything else. */
export function tensorsOf(value: Value, span: Span, frame: Frame, purpose: string): readonly Tensor[] | null {
  if (value.kind === "unknown") return null;
  if (value.kind === "tensor") return [value.tensor];
  if (value.kind === "tuple") {
    const items = value.items.map((item) => tensorsOf(item, span, frame, purpose));
    return items.some((item) => item === null) ? null : items.flatMap((item) => item ?? []);
  }
  const isList = value.kind === "list" && value.items.every(({ kind }) => kind === "tensor");
  const text = textOf(frame.checker, span).replace(/^\[(.*)\]$/, "($1)");
  reportAt(frame, "type", span, `only tensors ${purpose}, and this is ${describe(value)}`, {
    suggestion: isList
      ? { message: `Several tensors stand in parentheses: ${text}`, edits: [{ span, text }] }
      : null,
  });
  return null;
}

/** `[N, 16, 5, 5]` */
export function formatShape(shape: readonly Dimension[]): string {
  return `[${shape.map((dimension) => format(dimension.size)).join(", ")}]`;
}
