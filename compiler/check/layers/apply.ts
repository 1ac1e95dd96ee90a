/** Applies a layer to tensors: finds its place among the parameters, then runs what it is. */
import type { Span } from "../../diagnostics/diagnostic.js";
import { unreachable } from "../../diagnostics/invariant.js";
import type { Identifier } from "../../syntax/ast.js";
import { placeOf } from "../checker.js";
import { type Frame, reportAt, spend } from "../frame.js";
import type { Tensor } from "../model.js";
import { tensorsOf } from "../values/tensors.js";
import {
  type ChainLayer,
  type Layer,
  type NamedLayer,
  type PartLayer,
  type ScopeCursor,
  type SharedLayer,
  type Value,
  unknown,
} from "../values/value.js";
import { applyBlock } from "./apply-block.js";
import { applyLibrary } from "./apply-library.js";
import { applyNet } from "./apply-net.js";
import { type Place, enterScope, findNode, isLeaf, takePlace } from "./scope.js";
import type { Site } from "./site.js";

export function apply(layer: Layer, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  if (!spend(frame, site.span)) return unknown;
  const outcome = applyKind(layer, operands, frame, site);
  frame.checker.observer?.applied(site.span, operands, outcome);
  return outcome;
}

function applyKind(layer: Layer, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  switch (layer.kind) {
    case "library": {
      if (!layer.definition.isLayer || frame.cursor === null) {
        return applyLibrary(layer, operands, frame, site, null);
      }
      const place = placeIn(frame.cursor, site.name, layer.span, frame);
      return place === null ? unknown : applyLibrary(layer, operands, frame, site, { kind: "place", place });
    }
    case "block":
    case "chain":
      return applyComposite(layer, operands, frame, site);
    case "named":
      return applyNamed(layer, operands, frame, site);
    case "shared":
      return applyShared(layer, operands, frame, site);
    case "net":
      return applyNet(layer.net, operands, frame, site);
    case "part":
      return applyPart(layer, operands, frame, site);
    default:
      return unreachable(layer, "layer");
  }
}

/** Blocks are scopes; chains only when they have a name. */
function applyComposite(
  layer: Extract<Layer, { kind: "block" | "chain" }>,
  operands: readonly Tensor[],
  frame: Frame,
  site: Site,
): Value {
  if (frame.cursor === null || (layer.kind === "chain" && site.name === null)) {
    return runComposite(layer, operands, frame, site);
  }
  const place = placeIn(frame.cursor, site.name, layer.span, frame);
  const cursor = place === null ? null : enterScope(place, layer);
  if (place === null) return unknown;
  if (cursor === null) return reportOtherShape(place, frame, site.span);
  return runComposite(layer, operands, { ...frame, cursor }, site);
}

function runComposite(
  layer: Extract<Layer, { kind: "block" | "chain" }>,
  operands: readonly Tensor[],
  frame: Frame,
  site: Site,
): Value {
  return layer.kind === "block"
    ? applyBlock(layer, operands, frame, site)
    : applyChain(layer, operands, frame, site);
}

function applyChain(layer: ChainLayer, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  let value: Value =
    operands.length === 1
      ? { kind: "tensor", tensor: operands[0]! }
      : { kind: "tuple", items: operands.map(asTensorValue) };
  let { operands: before } = site;
  for (const element of layer.elements) {
    const { span } = element;
    const tensors = tensorsOf(value, span, frame, "flow through a layer");
    if (tensors === null) return unknown;
    value = apply(element, tensors, frame, { span, head: span, name: null, operands: before, isFlow: true });
    before = [span];
  }
  return value;
}

function asTensorValue(tensor: Tensor): Value {
  return { kind: "tensor", tensor };
}

function applyNamed(layer: NamedLayer, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  const { kind } = layer.layer;
  if (kind === "net" || kind === "part" || kind === "shared") {
    const what =
      kind === "shared" ? "this layer has its name from its binding" : "a net keeps the names it has";
    reportAt(frame, "name", layer.name.span, `\`as ${layer.name.name}\` cannot rename this`, {
      notes: [what],
    });
  }
  return apply(layer.layer, operands, frame, { ...site, name: layer.name });
}

/** A layer bound to a name: the first use makes its parameters, the others find them. */
function applyShared(layer: SharedLayer, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  const { cursor } = layer;
  if (cursor === null) return apply(layer.layer, operands, frame, { ...site, name: null });
  const isReuse = layer.state.applied;
  layer.state.applied = true;
  const inner: Layer = layer.layer.kind === "named" ? layer.layer.layer : layer.layer;
  const name = layer.layer.kind === "named" ? layer.layer.name : layer.name;
  if (inner.kind === "library" && !inner.definition.isLayer)
    return apply(inner, operands, frame, { ...site, name });
  if (inner.kind === "net" || inner.kind === "part" || inner.kind === "shared" || inner.kind === "named") {
    return apply(inner, operands, frame, site);
  }
  const place = isReuse
    ? takePlace(cursor, name, layer.span, true)
    : placeIn(cursor, name, layer.span, frame);
  if (place === null) return unknown;
  const net = cursor.scope.net.name;
  if (inner.kind === "library") {
    return applyLibrary(
      inner,
      operands,
      { ...frame, cursor, net },
      { ...site, name },
      { kind: "place", place },
    );
  }
  const entered = enterScope(place, inner);
  if (entered === null) return reportOtherShape(place, frame, site.span);
  return runComposite(inner, operands, { ...frame, cursor: entered, net }, site);
}

/** A part of a net is applied with the instances that the net made. */
function applyPart(layer: PartLayer, operands: readonly Tensor[], frame: Frame, site: Site): Value {
  const { net } = layer;
  frame.cursor?.scope.net.uses.add(net.name);
  const node = findNode(net.root, layer.path.split("."));
  if (node === null) return unknown;
  const inner: Frame = { ...frame, net: net.name, cursor: { scope: net.root, position: 0, creates: false } };
  if (isLeaf(node)) return applyLibrary(node.recipe, operands, inner, site, { kind: "leaf", leaf: node });
  if (node.recipe === null || (node.recipe.kind !== "block" && node.recipe.kind !== "chain")) return unknown;
  const cursor: ScopeCursor = { scope: node, position: 0, creates: false };
  return runComposite(node.recipe, operands, { ...inner, cursor }, site);
}

/** The next place in a scope; null, with a message, when its name is taken. */
function placeIn(cursor: ScopeCursor, name: Identifier | null, span: Span, frame: Frame): Place | null {
  const place = takePlace(cursor, name, span);
  const taken = place.creates ? cursor.scope.children.get(place.name) : undefined;
  if (taken === undefined) return place;
  const scope =
    cursor.scope.path === "" ? `the net \`${cursor.scope.net.name}\`` : `\`${cursor.scope.path}\``;
  const isRepeated = taken.span.start === place.span.start && taken.span.file === place.span.file;
  reportAt(frame, "parameter", place.span, `two layers of ${scope} would both be called \`${place.name}\``, {
    related: isRepeated ? [] : [{ span: taken.span, label: "the first one" }],
    notes: [
      isRepeated
        ? "this place is unrolled several times, and every copy has parameters of its own"
        : `the first one is at ${placeOf(frame.checker, taken.span, place.span)}; both would own \`${place.path}.weight\``,
    ],
    suggestion: isRepeated
      ? { message: `Number the copies: repeat(i in 0..n, ... as "${place.name}{i}")`, edits: [] }
      : {
          message: "Give one of them another name; to share one layer, bind it with = and use it twice.",
          edits: [],
        },
  });
  return null;
}

/** A layer that was made for other sizes took another branch of an `if` then. */
function reportOtherShape(place: Place, frame: Frame, span: Span): Value {
  reportAt(frame, "parameter", span, `\`${place.path}\` has no parameters for these sizes`, {
    notes: ["its parameters were made by an earlier use, where an `if` went the other way"],
  });
  return unknown;
}
