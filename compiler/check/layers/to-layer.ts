/** Values as layers: words and blocks without settings get their defaults. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Expression } from "../../syntax/ast.js";
import { type Frame, reportAt } from "../frame.js";
import { bindSettings } from "../settings/bind.js";
import { describe } from "../values/describe.js";
import type { Layer, Value } from "../values/value.js";
import { bindBlock } from "./bind-block.js";

/** The layer a value stands for; null, with a message unless it is unknown, when it stands for none. */
export function toLayer(value: Value, span: Span, frame: Frame): Layer | null {
  switch (value.kind) {
    case "unknown":
      return null;
    case "layer":
      return value.layer;
    case "net":
      return { kind: "net", net: value.net, span };
    case "block":
      return bindBlock(value, [], span, frame);
    case "word": {
      if (value.definition.kind !== "layer") break;
      const settings = bindSettings(value.definition, [], span, frame);
      return settings === null ? null : { kind: "library", definition: value.definition, settings, span };
    }
  }
  reportAt(frame, "type", span, `a layer is needed here, and this is ${describe(value)}`, {
    notes: notesOn(value),
  });
  return null;
}

function notesOn(value: Value): readonly string[] {
  if (value.kind === "tensor") {
    return ["`a -> b` applies the layer `b` to the tensor `a`; to combine two tensors, use + or concat"];
  }
  if (value.kind === "list" || value.kind === "tuple") {
    return ["branches have names and meet in one layer: a = x -> f, b = x -> g, then concat(a, b)"];
  }
  return value.kind === "rate"
    ? ["a schedule is the rate of an optimizer; the layer that joins all features is `dense`"]
    : [];
}

/** The layer of an expression that is about to get a name: `(relu)` is a group of one. */
export function toNamedLayer(value: Value, expression: Expression, frame: Frame): Layer | null {
  const layer = toLayer(value, expression.span, frame);
  if (layer === null || layer.kind === "chain" || expression.kind !== "group") return layer;
  return { kind: "chain", elements: [layer], span: expression.span };
}
