/**
 * Elaborates equal uses of a block once: ResNet-152 applies the same bottleneck 35 times to
 * the same sizes.
 *
 * Before: a use of a block, in a scope of its own that is empty yet. After: what elaborating it
 * would have given, with tensors, names and histories of its own.
 */
import type { Dimension } from "../../sizes/dimension.js";
import { format, isRepresentable } from "../../sizes/size.js";
import type { Flow } from "../flow.js";
import type { Frame } from "../frame.js";
import { isLeaf, leavesOf } from "../layers/scope.js";
import type { Tensor } from "../model.js";
import type { BlockLayer, Layer, Scope, ScopeCursor, Value } from "../values/value.js";
import { createCopier } from "./copier.js";
import { childrenOf, copyLayers } from "./put-layers.js";
import { canRepeat, copyEffects, repeatEffects, usesOwnLayers, watch } from "./effects.js";
import { recordingsOf } from "./keep-recordings.js";
import type { UseRecording } from "./recording.js";

/** The outcome of a use of a block: repeated from an equal use in the same net, or elaborated. */
export function onceForEqualUses(
  layer: BlockLayer,
  operands: readonly Tensor[],
  frame: Frame,
  elaborate: (frame: Frame) => Value,
): Value {
  const { checker, cursor, flow } = frame;
  if (cursor?.creates !== true || flow === null || cursor.scope.net.name !== frame.net)
    return elaborate(frame);
  const { net } = cursor.scope;
  const { byUse, earlier, asked } = recordingsOf(net, checker);
  const key = keyOf(layer, operands, (object) => `#${String(checker.numberOf(object))}`);
  if (key === null) return elaborate(frame);
  const known = byUse.get(key) ?? earlier.get(key);
  if (known !== undefined && canRepeat(known.effects, frame, flow, net)) {
    byUse.set(key, known);
    asked.push(key);
    return repeat(known, operands, frame, flow, cursor);
  }
  const { outcome, effects, wentWell } = watch(frame, flow, net, elaborate);
  if (!wentWell || !isTensors(outcome) || effects.facts !== flow.facts) return outcome;
  const recording: UseRecording = { effects, operands, outcome, scope: cursor.scope };
  if (isSelfContained(recording)) {
    byUse.set(key, recording);
    asked.push(key);
  }
  return outcome;
}

/** All that a use depends on, as a text; null when it depends on more than can be compared. */
function keyOf(
  layer: BlockLayer,
  operands: readonly Tensor[],
  numberOf: (object: object) => string,
): string | null {
  const parts = [numberOf(layer.declaration)];
  for (const value of layer.settings.values()) {
    const part = keyOfValue(value, numberOf);
    if (part === null) return null;
    parts.push(part);
  }
  // Which axes, and which operands, are the same one: copies keep that.
  const axes: Dimension[] = [];
  const isRenamed = layer.declaration.definition.kind !== "layer";
  for (const { id, name, dataType, limit, shape } of operands) {
    const first = operands.findIndex((other) => other.id === id);
    parts.push(dataType, String(limit), String(first), isRenamed ? "" : name, String(shape.length));
    for (const dimension of shape) {
      if (!isRepresentable(dimension.size)) return null;
      const same = axes.indexOf(dimension);
      if (same < 0) axes.push(dimension);
      parts.push(format(dimension.size), String(same));
    }
  }
  return parts.join("|");
}

/** null for values with a history or with weights, whose copies would not be alike. */
function keyOfValue(value: Value, numberOf: (object: object) => string): string | null {
  switch (value.kind) {
    case "size":
      if (value.from.length > 0 || !isRepresentable(value.size)) return null;
      return `${format(value.size)} ${value.rounded ?? ""}`;
    case "float":
      return `${String(value.value)}f`;
    case "boolean":
      return value.condition === null ? String(value.value) : null;
    case "string":
      return JSON.stringify(value.value);
    case "block":
      return numberOf(value.declaration);
    case "word":
      return numberOf(value.definition);
    case "layer":
      return ownsWeights(value.layer) ? null : numberOf(value.layer);
    case "list": {
      const items = value.items.map((item) => keyOfValue(item, numberOf));
      return items.includes(null) ? null : `[${items.join()}]`;
    }
    default:
      return null;
  }
}

/** Whether applying it again would use the weights of somebody else. */
function ownsWeights(layer: Layer): boolean {
  switch (layer.kind) {
    case "library":
      return false;
    case "block":
      return [...layer.settings.values()].some(holdsWeights);
    case "chain":
      return layer.elements.some(ownsWeights);
    case "named":
      return ownsWeights(layer.layer);
    case "shared":
    case "net":
    case "part":
      return true;
  }
}

function holdsWeights(value: Value): boolean {
  if (value.kind === "list") return value.items.some(holdsWeights);
  return value.kind === "net" || (value.kind === "layer" && ownsWeights(value.layer));
}

/** Whether nothing in it belongs to a place outside, now or when a part of it is used again. */
function isSelfContained({ scope, effects }: UseRecording): boolean {
  return (
    leavesOf(scope).length === effects.leaves.length &&
    usesOwnLayers(effects, scope.net) &&
    effects.obligations.every(({ trainingOnly }) => trainingOnly !== null) &&
    !holdsShared(scope)
  );
}

function holdsShared({ children }: Scope): boolean {
  return [...children.values()].some(
    (child) => !isLeaf(child) && ((child.recipe !== null && ownsWeights(child.recipe)) || holdsShared(child)),
  );
}

function isTensors(value: Value): boolean {
  return value.kind === "tensor" || (value.kind === "tuple" && value.items.every(isTensors));
}

function repeat(
  recording: UseRecording,
  operands: readonly Tensor[],
  frame: Frame,
  flow: Flow,
  cursor: ScopeCursor,
): Value {
  const copier = createCopier(recording.operands, operands, frame.checker.work);
  const leaves = copyLayers(childrenOf(recording.scope), cursor.scope);
  repeatEffects(copyEffects(recording.effects, copier, leaves), frame, flow, cursor.scope.net);
  return copier.copyValue(recording.outcome);
}
