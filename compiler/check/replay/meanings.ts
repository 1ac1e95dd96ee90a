/**
 * What the names that a statement mentions mean: all that its elaboration depends on, beside
 * what is known about sizes.
 */
import { equal, isRepresentable } from "../../sizes/size.js";
import type { Dimension } from "../../sizes/dimension.js";
import type { Frame } from "../frame.js";
import type { Tensor } from "../model.js";
import { findEntry } from "../names/names.js";
import type { Value } from "../values/value.js";
import type { Meaning } from "./recording.js";

/** The meanings of these names here; null when one of them is more than can be compared. */
export function meaningsOf(names: Iterable<string>, frame: Frame): readonly Meaning[] | null {
  const meanings: Meaning[] = [];
  for (const name of names) {
    const meaning = meaningOf(name, frame);
    if (meaning === undefined) return null;
    meanings.push(meaning);
  }
  return meanings;
}

/** undefined for a net, or a layer that may own weights: applying them changes more than the flow. */
function meaningOf(name: string, { names, module, checker }: Frame): Meaning | undefined {
  const entry = findEntry(names, name);
  if (entry !== null) return isPlain(entry.value) ? entry.value : undefined;
  const declared = module.names.get(name);
  switch (declared?.kind) {
    case "block":
      return `block ${String(checker.numberOf(declared.declaration))}`;
    case "const": {
      const value = checker.constants.get(declared.declaration);
      return value === "pending" ? undefined : value;
    }
    case "net":
      return undefined;
    case "broken":
      return "broken";
    case undefined:
      // A word of the library, which does not change, or nothing.
      return "elsewhere";
  }
}

/** Whether a value holds no layers, and so no weights of anybody. */
export function isPlain(value: Value): boolean {
  switch (value.kind) {
    case "tuple":
    case "list":
      return value.items.every(isPlain);
    case "tensor":
    case "unknown":
    case "size":
    case "float":
    case "boolean":
    case "string":
    case "range":
      return true;
    default:
      return false;
  }
}

/** The tensors among the meanings, in order. */
export function tensorsAmong(meanings: readonly Meaning[]): readonly Tensor[] {
  return meanings.flatMap((meaning) => (typeof meaning === "string" ? [] : tensorsIn(meaning)));
}

function tensorsIn(value: Value): readonly Tensor[] {
  if (value.kind === "tensor") return [value.tensor];
  return value.kind === "tuple" || value.kind === "list" ? value.items.flatMap(tensorsIn) : [];
}

/** Whether all meanings are the very same. */
export function areSame(some: readonly Meaning[], others: readonly Meaning[]): boolean {
  return some.every((meaning, index) => isSame(meaning, others[index]!));
}

function isSame(one: Meaning, other: Meaning): boolean {
  if (one === other) return true;
  if (typeof one === "string" || typeof other === "string") return false;
  return one.kind === "unknown" && other.kind === "unknown";
}

/** Whether they differ in the identities and histories of tensors only. */
export function areAlike(some: readonly Meaning[], others: readonly Meaning[]): boolean {
  return some.every((meaning, index) => isAlike(meaning, others[index]!));
}

function isAlike(one: Meaning, other: Meaning): boolean {
  if (isSame(one, other)) return true;
  if (typeof one === "string" || typeof other === "string") return false;
  if (one.kind === "tensor") return other.kind === "tensor";
  return (
    one.kind === "tuple" &&
    other.kind === "tuple" &&
    one.items.length === other.items.length &&
    one.items.every((item, index) => isAlike(item, other.items[index]!))
  );
}

/** Whether tensors have equal shapes, and the same axes and the same tensors occur at the same places. */
export function haveEqualShapes(some: readonly Tensor[], others: readonly Tensor[]): boolean {
  if (some.length !== others.length) return false;
  const axes: Dimension[] = [];
  const otherAxes: Dimension[] = [];
  for (const [index, one] of some.entries()) {
    const other = others[index]!;
    const isLike =
      one.name === other.name &&
      one.dataType === other.dataType &&
      one.limit === other.limit &&
      one.shape.length === other.shape.length &&
      some.findIndex(({ id }) => id === one.id) === others.findIndex(({ id }) => id === other.id);
    if (!isLike) return false;
    for (const [axis, dimension] of one.shape.entries()) {
      const found = other.shape[axis]!;
      if (!isEqualSize(dimension, found)) return false;
      if (axes.indexOf(dimension) !== otherAxes.indexOf(found)) return false;
      axes.push(dimension);
      otherAxes.push(found);
    }
  }
  return true;
}

function isEqualSize({ size: one }: Dimension, { size: other }: Dimension): boolean {
  return one === other || (isRepresentable(one) && isRepresentable(other) && equal(one, other));
}
