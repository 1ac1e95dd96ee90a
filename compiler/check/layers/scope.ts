/**
 * The tree of names that parameters get: nets, block instances, layers bound to a name and
 * groups named with `as` are scopes; what stands in them is called by its name or by its
 * position.
 *
 * Invariant: a scope is filled by its first application; later applications walk the same
 * tree with a cursor of their own and find the instances that the first one made.
 */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../syntax/ast.js";
import type { Leaf, NetUnderConstruction } from "../nets/construction.js";
import type { ChildName, Layer, Scope, ScopeCursor } from "../values/value.js";

export function isLeaf(node: Scope | Leaf): node is Leaf {
  return "parameters" in node;
}

export function newScope(net: NetUnderConstruction, path: string, span: Span, recipe: Layer | null): Scope {
  return { net, path, span, children: new Map(), made: [], recipe };
}

export function rootCursor(net: NetUnderConstruction, span: Span): ScopeCursor {
  return { scope: newScope(net, "", span, null), position: 0, creates: true };
}

/** The place of one child in its scope. */
export interface Place {
  readonly cursor: ScopeCursor;
  readonly name: string;
  /** What the name counts; null for a name that somebody gave. */
  readonly position: number | null;
  readonly path: string;
  /** Whether the child is made now, or was made before. */
  readonly creates: boolean;
  readonly span: Span;
}

/** Takes the next place of a scope, under the given name or its position. */
export function takePlace(cursor: ScopeCursor, name: Identifier | null, span: Span, reuses = false): Place {
  const position = name === null ? cursor.position : null;
  const text = name?.name ?? String(cursor.position);
  // A layer that is used again has its place already, and the count goes on without it.
  if (!reuses) cursor.position += 1;
  const path = pathIn(cursor.scope, text);
  return { cursor, name: text, position, path, creates: cursor.creates && !reuses, span: name?.span ?? span };
}

export function pathIn({ path }: Scope, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** Puts what was made into its place. */
export function addChild(scope: Scope, { name, position }: ChildName, node: Scope | Leaf): void {
  scope.children.set(name, node);
  scope.made.push({ name, position });
}

/** All layers at a node and below it, in order. */
export function leavesOf(node: Scope | Leaf): readonly Leaf[] {
  return isLeaf(node) ? [node] : [...node.children.values()].flatMap(leavesOf);
}

/** The scope at a place: made now, or the one an earlier application made; null when it made none. */
export function enterScope(place: Place, recipe: Layer): ScopeCursor | null {
  const { scope } = place.cursor;
  if (place.creates) {
    const child = newScope(scope.net, place.path, place.span, recipe);
    addChild(scope, place, child);
    return { scope: child, position: 0, creates: true };
  }
  const known = scope.children.get(place.name);
  return known === undefined || isLeaf(known) ? null : { scope: known, position: 0, creates: false };
}

/** The node at a path of segments; null when there is none. */
export function findNode(scope: Scope, segments: readonly string[]): Scope | Leaf | null {
  let node: Scope | Leaf = scope;
  for (const segment of segments) {
    const child: Scope | Leaf | undefined = isLeaf(node) ? undefined : node.children.get(segment);
    if (child === undefined) return null;
    node = child;
  }
  return node;
}
