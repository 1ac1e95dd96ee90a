/** Looks facts up across all that was found out about a file. */
import type { FlowApplication } from "../../check/flow.js";
import type { Tensor } from "../../check/model.js";
import { formatShape } from "../../check/values/tensors.js";
import type { ElaboratedNet, Value } from "../../check/values/value.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Expression } from "../../syntax/ast.js";
import type { Analysis } from "./analyze.js";
import type { Applied } from "./facts.js";

/** What flowed here, once per different shape. */
export function appliedAt({ units }: Analysis, place: Span): readonly Applied[] {
  return units.flatMap(({ facts }) => facts().applied.get(place) ?? []);
}

export function computedAt({ units }: Analysis, place: Span): readonly FlowApplication[] {
  return units.flatMap(({ facts }) => facts().computed.get(place) ?? []);
}

export function valueAt({ units }: Analysis, expression: Expression): Value | null {
  for (const { facts } of units) {
    const value = facts().values.get(expression);
    if (value !== undefined) return value;
  }
  return null;
}

export function boundAt({ units }: Analysis, name: Span): readonly Value[] {
  return units.flatMap(({ facts }) => facts().bound.get(name) ?? []);
}

export function tensorsIn(value: Value): readonly Tensor[] {
  if (value.kind === "tensor") return [value.tensor];
  return value.kind === "tuple" ? value.items.flatMap(tensorsIn) : [];
}

/** `[N, 16, 5, 5]`, or several in parentheses; null for no tensors. */
export function shapeText(value: Value): string | null {
  const tensors = tensorsIn(value);
  if (tensors.length === 0) return null;
  const shapes = tensors.map(({ shape }) => formatShape(shape));
  return shapes.length === 1 ? shapes[0]! : `(${shapes.join(", ")})`;
}

/** The finished net of this name that the file declares or uses. */
export function netNamed({ checker }: Analysis, name: string): ElaboratedNet | null {
  for (const net of checker.nets.values()) {
    if (net !== "pending" && net !== null && net.name === name) return net;
  }
  return null;
}
