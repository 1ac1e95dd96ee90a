/**
 * The names bound inside a declaration: settings, size variables, inputs, bindings and
 * the variables of `repeat`.
 *
 * Invariant: an inner name hides an outer one only across declarations; within one body
 * every name is bound once.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Tensor } from "../model.js";
import type { Value } from "../values/value.js";

export interface Names {
  readonly parent: Names | null;
  readonly entries: Map<string, NameEntry>;
  /** Names that the same body binds further below. */
  readonly later: Map<string, Span>;
}

export interface NameEntry {
  readonly value: Value;
  readonly span: Span;
}

export function newNames(parent: Names | null): Names {
  return { parent, entries: new Map(), later: new Map() };
}

/** The innermost entry of a name; null when no body binds it. */
export function findEntry(names: Names | null, name: string): NameEntry | null {
  for (let scope = names; scope !== null; scope = scope.parent) {
    const entry = scope.entries.get(name);
    if (entry !== undefined) return entry;
  }
  return null;
}

/** Where a name is bound further below in an enclosing body; null for nowhere. */
export function findLater(names: Names | null, name: string): Span | null {
  for (let scope = names; scope !== null; scope = scope.parent) {
    const span = scope.later.get(name);
    if (span !== undefined) return span;
  }
  return null;
}

/** Every name visible here, innermost first. */
export function visibleNames(names: Names | null): string[] {
  const visible: string[] = [];
  for (let scope = names; scope !== null; scope = scope.parent) visible.push(...scope.entries.keys());
  return visible;
}

/** Another name of the very same tensor, bound before: `skip = x`. */
export function otherNameOf(
  names: Names | null,
  tensor: Tensor,
): { readonly name: string; readonly span: Span } | null {
  for (let scope = names; scope !== null; scope = scope.parent) {
    for (const [name, { value, span }] of scope.entries) {
      if (value.kind !== "tensor" || value.tensor.id !== tensor.id) continue;
      return name === tensor.name ? null : { name, span };
    }
  }
  return null;
}
