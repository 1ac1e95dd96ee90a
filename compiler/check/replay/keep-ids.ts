/**
 * Gives tensors that are bound to a name the ids that the tensors of this name had, so that what is
 * computed from them can stay as it is when an edit has changed nothing but their history. When not
 * even that has changed, it gives the very same values.
 *
 * Invariant: an id belongs to one name of a net. Only tensors that a statement makes itself have
 * such ids; those that it takes from another name keep theirs.
 */
import type { Dimension } from "../../sizes/dimension.js";
import type { FlowApplication } from "../flow.js";
import type { Tensor, TensorId } from "../model.js";
import type { NetIdentity } from "../nets/construction.js";
import type { TensorValue, Value } from "../values/value.js";
import type { Copier } from "./copier.js";
import { haveEqualShapes } from "./meanings.js";
import type { Memory } from "./memory.js";
import type { Bound } from "./recording.js";

/** Names that are remembered of a net; people try many. */
const mostNames = 10_000;

/** Gives tensors the earlier ids of their names; null where there are none. */
export function renamerFor(
  bound: Bound,
  applications: readonly FlowApplication[],
  net: NetIdentity,
  { made }: Memory,
): Copier | null {
  const known = made.get(net) ?? new Map<string, TensorValue>();
  made.set(net, known);
  const own = new Set(applications.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
  const earlierOnes = new Map<TensorId, TensorValue>();
  for (const [name, { value }] of bound) {
    if (value.kind !== "tensor" || !own.delete(value.tensor.id)) continue;
    const earlier = known.get(name);
    const isKept = earlier !== undefined && haveEqualShapes([earlier.tensor], [value.tensor]);
    if (isKept) earlierOnes.set(value.tensor.id, earlier);
    known.delete(name);
    known.set(name, isKept ? asBefore(value, earlier) : value);
    for (const oldest of known.keys()) {
      if (known.size <= mostNames) break;
      known.delete(oldest);
    }
  }
  return earlierOnes.size === 0 ? null : renamer(earlierOnes);
}

/** The value with its earlier id, or the earlier value itself. */
function asBefore(value: TensorValue, earlier: TensorValue): TensorValue {
  const { tensor } = value;
  const known = new Map<Dimension, Dimension>();
  const isSame = tensor.shape.every((dimension, axis) =>
    haveEqualHistories(dimension, earlier.tensor.shape[axis]!, known, 0),
  );
  return isSame ? earlier : { kind: "tensor", tensor: { ...tensor, id: earlier.tensor.id } };
}

/** Histories are as long as nets: what a statement adds is compared, and what is above it is mostly the same. */
const deepest = 100;

/** `known` are the dimensions compared so far, with those that they are equal to. */
function haveEqualHistories(
  one: Dimension,
  other: Dimension,
  known: Map<Dimension, Dimension>,
  depth: number,
): boolean {
  if (one === other || known.get(one) === other) return true;
  const { span, text, from } = one.origin;
  const before = other.origin;
  const isEqual =
    depth < deepest &&
    text === before.text &&
    span?.start === before.span?.start &&
    span?.end === before.span?.end &&
    span?.file === before.span?.file &&
    from.length === before.from.length &&
    from.every((dimension, index) => haveEqualHistories(dimension, before.from[index]!, known, depth + 1));
  if (isEqual) known.set(one, other);
  return isEqual;
}

function renamer(earlierOnes: ReadonlyMap<TensorId, TensorValue>): Copier {
  const copyTensor = (tensor: Tensor): Tensor => {
    const earlier = earlierOnes.get(tensor.id);
    return earlier === undefined ? tensor : { ...tensor, id: earlier.tensor.id };
  };
  const copyValue = (value: Value): Value => {
    switch (value.kind) {
      case "tensor": {
        const earlier = earlierOnes.get(value.tensor.id);
        return earlier === undefined ? value : asBefore(value, earlier);
      }
      case "tuple":
      case "list":
        return { kind: value.kind, items: value.items.map(copyValue) };
      default:
        return value;
    }
  };
  return { copyTensor, copyValue };
}
