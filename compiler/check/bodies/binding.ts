/** `name = value` and `(a, b) = value`. */
import type { BindingItem, Body, Expression, Identifier } from "../../syntax/ast.js";
import { type Frame, reportAt } from "../frame.js";
import { toNamedLayer } from "../layers/to-layer.js";
import { reportRebound } from "../names/lookup.js";
import { describe } from "../values/describe.js";
import { type Value, isLayerLike, unknown } from "../values/value.js";

/** Notes which names the body binds, so that using one too early can be explained. */
export function declareLater(body: Body, frame: Frame): void {
  for (const item of body.items) {
    if (item.kind !== "binding") continue;
    for (const target of item.targets) {
      if (frame.names?.later.has(target.name) === false) frame.names.later.set(target.name, target.span);
    }
  }
}

/** Evaluates a binding and binds its names in the frame; gives the value. */
export function bindItem(item: BindingItem, frame: Frame): Value {
  const value = frame.operations.evaluate(item.value, frame);
  if (!item.isTuple) {
    bindName(item.targets[0]!, item.value, value, frame);
    return value;
  }
  const parts = partsOf(item, value, frame);
  for (const [index, target] of item.targets.entries())
    bindName(target, item.value, parts?.[index] ?? unknown, frame);
  return value;
}

function partsOf(item: BindingItem, value: Value, frame: Frame): readonly Value[] | null {
  if (value.kind === "unknown") return null;
  const found = value.kind === "tuple" || value.kind === "list" ? value.items : null;
  if (found?.length === item.targets.length) return found;
  const wanted = String(item.targets.length);
  reportAt(frame, "type", item.value.span, `${wanted} names are bound, and this is ${describe(value)}`, {
    related: item.targets.map(({ span }) => ({ span, label: "" })),
    notes: ["`(a, b) = ...` takes apart as many values as there are names"],
  });
  return null;
}

function bindName(target: Identifier, source: Expression, value: Value, frame: Frame): void {
  const { names } = frame;
  if (names === null || target.name === "_") return;
  const earlier = names.entries.get(target.name);
  if (earlier !== undefined) {
    const isLayer = isLayerLike(value);
    reportRebound(target, earlier.span, isLayer, frame);
    // What follows was written with the new value in mind.
    names.entries.set(target.name, { value: isLayer ? unknown : value, span: earlier.span });
    return;
  }
  const bound = named(value, target, source, frame);
  names.entries.set(target.name, { value: bound, span: target.span });
  frame.checker.observer?.bound(target.span, bound);
}

/** Tensors take the binding's name for messages; layers become one instance, shared by all uses. */
function named(value: Value, target: Identifier, source: Expression, frame: Frame): Value {
  if (value.kind === "tensor") return { kind: "tensor", tensor: { ...value.tensor, name: target.name } };
  if (!isLayerLike(value) || value.kind === "net") return value;
  const layer = toNamedLayer(value, source, frame);
  if (layer === null) return unknown;
  if (layer.kind === "shared" || layer.kind === "net" || layer.kind === "part")
    return { kind: "layer", layer };
  return {
    kind: "layer",
    layer: {
      kind: "shared",
      layer,
      name: target,
      cursor: frame.cursor,
      state: { applied: false },
      span: source.span,
    },
  };
}
