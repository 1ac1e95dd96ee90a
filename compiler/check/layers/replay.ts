/**
 * Elaborates equal uses of a block once: ResNet-152 applies the same bottleneck 35 times to
 * the same sizes.
 *
 * Before: a use of a block, in a scope of its own that is empty yet. After: what elaborating it
 * would have given, with tensors, names and histories of its own. Only uses that went well and
 * said nothing are repeated, so every message still comes from an elaboration.
 */
import type { Dimension } from "../../sizes/dimension.js";
import { format, isRepresentable } from "../../sizes/size.js";
import type { BlockDeclaration } from "../../syntax/ast.js";
import { nextTensorId } from "../checker.js";
import type { Flow, FlowApplication } from "../flow.js";
import type { Frame } from "../frame.js";
import { limits } from "../limits.js";
import type { Tensor, TensorId } from "../model.js";
import type { Leaf } from "../nets/construction.js";
import type { BlockLayer, Layer, Scope, Value } from "../values/value.js";
import { recordingsOf } from "./keep-recordings.js";
import type { Recording } from "./recording.js";
import { isLeaf, leavesOf } from "./scope.js";

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
  const { scope } = cursor;
  const recordings = recordingsOf(scope.net, checker);
  const key = keyOf(layer, operands, (object) => `#${String(checker.numberOf(object))}`);
  if (key === null) return elaborate(frame);
  const known = recordings.byUse.get(key);
  if (known !== undefined && canRepeat(known, frame, flow, scope))
    return repeat(known, operands, frame, flow, scope, false);
  const earlier = recordings.earlier.get(key);
  if (earlier !== undefined && canRepeat(earlier, frame, flow, scope)) {
    recordings.byUse.set(key, earlier);
    return repeat(earlier, operands, frame, flow, scope, true);
  }
  const { outcome, recording } = record(operands, frame, flow, scope, elaborate);
  if (recording !== null && isSelfContained(recording)) recordings.byUse.set(key, recording);
  return outcome;
}

interface Recorded {
  readonly outcome: Value;
  /** null when it did not go well. */
  readonly recording: Recording | null;
}

function record(
  operands: readonly Tensor[],
  frame: Frame,
  flow: Flow,
  scope: Scope,
  elaborate: (frame: Frame) => Value,
): Recorded {
  const { checker } = frame;
  const { work, diagnostics } = checker;
  const { net } = scope;
  const observed = checker.observer?.watchPart() ?? null;
  const blocks = new Set<BlockDeclaration>();
  const before = { ...work, said: diagnostics.length, uses: net.uses.size, facts: flow.facts };
  const starts = [flow.applications.length, flow.obligations.length, net.leaves.length] as const;
  const { elements } = net;
  const outcome = elaborate({
    ...frame,
    checker: { ...checker, observer: observed?.observer ?? null, elaboratedBlocks: blocks },
  });
  if (checker.observer !== null) observed?.tell(checker.observer);
  for (const block of blocks) checker.elaboratedBlocks.add(block);
  const wentWell =
    isTensors(outcome) &&
    !work.exhausted &&
    diagnostics.length === before.said &&
    flow.facts === before.facts &&
    net.uses.size === before.uses;
  if (!wentWell) return { outcome, recording: null };
  const recording: Recording = {
    operands,
    outcome,
    scope,
    facts: flow.facts,
    applications: flow.applications.slice(starts[0]),
    obligations: flow.obligations.slice(starts[1]),
    leaves: net.leaves.slice(starts[2]),
    elements: net.elements - elements,
    blocks,
    observed,
    evaluations: work.evaluations - before.evaluations,
    nesting: before.nesting,
    depth: frame.uses.length,
  };
  return { outcome, recording };
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
function isSelfContained({ scope, leaves, applications, obligations }: Recording): boolean {
  const { net } = scope;
  return (
    leavesOf(scope).length === leaves.length &&
    applications.every((one) => one.net === net.name && (one.leaf === null || one.leaf.net === net)) &&
    obligations.every(({ trainingOnly }) => trainingOnly !== null) &&
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

/** Whether elaborating it here would find the same, within the limits. */
function canRepeat(recording: Recording, frame: Frame, flow: Flow, { net }: Scope): boolean {
  const { applications, facts, elements, evaluations, nesting, depth } = recording;
  const { work } = frame.checker;
  return (
    facts === flow.facts &&
    work.nesting <= nesting &&
    frame.uses.length <= depth &&
    work.evaluations + evaluations <= limits.evaluations &&
    flow.applications.length + applications.length <= limits.applications &&
    net.elements + elements <= limits.parameters
  );
}

function repeat(
  recording: Recording,
  operands: readonly Tensor[],
  frame: Frame,
  flow: Flow,
  scope: Scope,
  isUnseen: boolean,
): Value {
  const { checker } = frame;
  const leaves = copyLayers(recording, scope);
  const { copyTensor, copyValue } = copier(recording.operands, operands, () => nextTensorId(checker));
  const conditional = new Set(recording.obligations.map(({ trainingOnly }) => trainingOnly));
  const copies = new Map<FlowApplication, FlowApplication>();
  for (const application of recording.applications) {
    const leaf = application.leaf === null ? null : leaves.get(application.leaf)!;
    const copy: FlowApplication = {
      definition: application.definition,
      settings: application.settings,
      leaf,
      net: application.net,
      inputs: application.inputs.map(copyTensor),
      outputs: application.outputs.map(copyTensor),
      operandParameters: application.operandParameters,
      span: application.span,
      label: leaf === null ? application.label : `${scope.net.name}.${leaf.path}`,
    };
    if (conditional.has(application)) copies.set(application, copy);
    flow.applications.push(copy);
    checker.observer?.computed(copy);
  }
  for (const { condition, span, trainingOnly } of recording.obligations) {
    flow.obligations.push({ condition, span, trainingOnly: copies.get(trainingOnly!)! });
  }
  scope.net.elements += recording.elements;
  checker.work.evaluations += recording.evaluations;
  for (const block of recording.blocks) checker.elaboratedBlocks.add(block);
  // Of uses with equal shapes, an observer wants to see one.
  if (isUnseen && checker.observer !== null)
    recording.observed?.tellCopied(checker.observer, copyTensor, copyValue);
  return copyValue(recording.outcome);
}

/** Fills the scope as the recorded one was filled; gives the new layers by the old ones. */
function copyLayers(recording: Recording, scope: Scope): ReadonlyMap<Leaf, Leaf> {
  const { net } = scope;
  const prefix = recording.scope.path.length;
  const leaves = new Map<Leaf, Leaf>();
  for (const recorded of recording.leaves) {
    const { path, recipe, parameters, span } = recorded;
    const leaf: Leaf = { net, path: scope.path + path.slice(prefix), recipe, parameters, span };
    leaves.set(recorded, leaf);
    net.leaves.push(leaf);
  }
  const fill = (from: Scope, to: Scope): void => {
    for (const [name, child] of from.children) {
      if (isLeaf(child)) {
        to.children.set(name, leaves.get(child)!);
        continue;
      }
      const path = scope.path + child.path.slice(prefix);
      const copy: Scope = { net, path, span: child.span, children: new Map(), recipe: child.recipe };
      to.children.set(name, copy);
      fill(child, copy);
    }
  };
  fill(recording.scope, scope);
  return leaves;
}

/** From what the recorded use made to what this one makes; sizes are equal, histories its own. */
interface Copier {
  readonly copyTensor: (tensor: Tensor) => Tensor;
  readonly copyValue: (value: Value) => Value;
}

function copier(recorded: readonly Tensor[], operands: readonly Tensor[], newId: () => TensorId): Copier {
  const ids = new Map<TensorId, TensorId>();
  const tensors = new Map<Tensor, Tensor>();
  const dimensions = new Map<Dimension, Dimension>();
  for (const [index, tensor] of recorded.entries()) {
    const operand = operands[index]!;
    ids.set(tensor.id, operand.id);
    for (const [axis, dimension] of tensor.shape.entries()) dimensions.set(dimension, operand.shape[axis]!);
  }
  const copyDimension = (dimension: Dimension): Dimension => {
    const known = dimensions.get(dimension);
    if (known !== undefined) return known;
    const { size, origin } = dimension;
    const from = origin.from.map(copyDimension);
    const isSame = from.every((one, index) => one === origin.from[index]);
    const copy = isSame ? dimension : { size, origin: { span: origin.span, text: origin.text, from } };
    dimensions.set(dimension, copy);
    return copy;
  };
  const copyTensor = (tensor: Tensor): Tensor => {
    const known = tensors.get(tensor);
    if (known !== undefined) return known;
    const id = ids.get(tensor.id) ?? newId();
    ids.set(tensor.id, id);
    const { name, dataType, limit } = tensor;
    const copy: Tensor = { id, name, dataType, shape: tensor.shape.map(copyDimension), limit };
    tensors.set(tensor, copy);
    return copy;
  };
  const copyValue = (value: Value): Value => {
    switch (value.kind) {
      case "tensor":
        return { kind: "tensor", tensor: copyTensor(value.tensor) };
      case "size":
        return value.from.length === 0 ? value : { ...value, from: value.from.map(copyDimension) };
      case "tuple":
        return { kind: "tuple", items: value.items.map(copyValue) };
      case "list":
        return { kind: "list", items: value.items.map(copyValue) };
      default:
        return value;
    }
  };
  return { copyTensor, copyValue };
}
