/** `layer as name`: names a layer for the sake of its parameters. */
import type { AsExpression, Expression, Identifier, StringLiteral } from "../../syntax/ast.js";
import { asConstant } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { toNamedLayer } from "../layers/to-layer.js";
import { lookUp } from "../names/lookup.js";
import { describe } from "../values/describe.js";
import { type Value, isLayerLike, unknown } from "../values/value.js";
import { evaluateCall } from "./call.js";

export function evaluateAs(expression: AsExpression, frame: Frame): Value {
  const name = evaluateName(expression.name, frame);
  const inner = expression.value;
  // `Basic(x, 64) as layer1` is `x -> Basic(64) as layer1`.
  const value =
    inner.kind === "call" ? evaluateCall(inner, frame, name) : frame.operations.evaluate(inner, frame);
  if (name === null || value.kind === "unknown") return unknown;
  if (isLayerLike(value)) {
    const layer = toNamedLayer(value, inner, frame);
    if (layer === null) return unknown;
    return { kind: "layer", layer: { kind: "named", layer, name, span: expression.span } };
  }
  if (inner.kind !== "call" || value.kind !== "tensor") reportNotALayer(expression, inner, value, frame);
  return value;
}

function reportNotALayer(expression: AsExpression, inner: Expression, value: Value, frame: Frame): void {
  const { name } = expression;
  const canBind = value.kind === "tensor" && !("kind" in name);
  reportAt(frame, "type", name.span, `\`as\` names a layer, and this is ${describe(value)}`, {
    related: [{ span: inner.span, label: describe(value) }],
    suggestion: canBind
      ? { message: `To name a value, bind it on a line of its own: ${name.name} = ...`, edits: [] }
      : null,
  });
}

/** The name, with `{i}` replaced by the values of names. */
function evaluateName(name: Identifier | StringLiteral, frame: Frame): Identifier | null {
  if (!("kind" in name)) return name;
  let isKnown = true;
  const text = name.value.replace(/\{([^{}]*)\}/g, (_, variable: string) => {
    const part = interpolated(lookUp(variable.trim(), name.span, frame));
    isKnown &&= part !== null;
    return part ?? "";
  });
  if (!isKnown) {
    reportAt(frame, "name", name.span, "this name has a part that is neither a whole number nor a text", {
      notes: ['between braces stands the name of a number: repeat(i in 0..4, f as "part{i}")'],
    });
    return null;
  }
  if (!/^[A-Za-z0-9_]+$/.test(text)) {
    reportAt(frame, "name", name.span, `\`${text}\` cannot be the name of a layer`, {
      notes: ["a layer's name has letters, digits and underscores"],
    });
    return null;
  }
  return { name: text, span: name.span };
}

function interpolated(value: Value): string | null {
  if (value.kind === "string") return value.value;
  const number = value.kind === "size" ? asConstant(value.size) : null;
  return number === null ? null : String(number);
}
