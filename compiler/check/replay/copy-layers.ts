/** Puts what a recorded part put into a scope into another scope, under the names it gets there. */
import { addChild, isLeaf, newScope, pathIn } from "../layers/scope.js";
import type { Leaf } from "../nets/construction.js";
import type { Scope, ScopeCursor } from "../values/value.js";
import type { Child } from "./recording.js";

/** What a scope holds, in order. */
export function childrenOf({ children, made }: Scope, from = 0): readonly Child[] {
  return made.slice(from).map(({ name, position }) => ({ name, position, node: children.get(name)! }));
}

interface MovedLayers {
  readonly children: readonly Child[];
  /** From the layers as they were; those that keep their names are the same. */
  readonly leaves: ReadonlyMap<Leaf, Leaf>;
}

/** What a part puts into a net's scope when it begins `shift` positions later. */
export function movedLayers(children: readonly Child[], shift: number): MovedLayers {
  const leaves = new Map<Leaf, Leaf>();
  const moved = (node: Scope | Leaf, path: string): Scope | Leaf => {
    if (isLeaf(node)) {
      const leaf = node.path === path ? node : { ...node, path };
      leaves.set(node, leaf);
      return leaf;
    }
    const scope = newScope(node.net, path, node.span, node.recipe);
    for (const { name, position, node: inner } of childrenOf(node)) {
      addChild({ cursor: { scope }, name, position }, moved(inner, pathIn(scope, name)));
    }
    return scope;
  };
  return {
    children: children.map(({ name, position, node }) => {
      if (position === null) return { name, position, node: moved(node, node.path) };
      const next = position + shift;
      return { name: String(next), position: next, node: moved(node, String(next)) };
    }),
    leaves,
  };
}

/** Puts the very same layers into the cursor's scope, under the names they have. */
export function putLayers(children: readonly Child[], cursor: ScopeCursor): void {
  const { scope } = cursor;
  for (const { name, position, node } of children) {
    if (isLeaf(node)) {
      addChild({ cursor, name, position }, node);
      continue;
    }
    const copy = newScope(scope.net, node.path, node.span, node.recipe);
    addChild({ cursor, name, position }, copy);
    putLayers(childrenOf(node), { ...cursor, scope: copy });
  }
}

/** Fills the cursor's scope with copies of these children; tells the copy of each layer. */
export function copyLayers(
  children: readonly Child[],
  cursor: ScopeCursor,
  leaves: Map<Leaf, Leaf> = new Map(),
): ReadonlyMap<Leaf, Leaf> {
  const { scope } = cursor;
  for (const { name, position, node } of children) {
    const path = pathIn(scope, name);
    if (isLeaf(node)) {
      const isSame = node.path === path && node.net === scope.net.identity;
      const leaf = isSame ? node : { ...node, net: scope.net.identity, path };
      leaves.set(node, leaf);
      addChild({ cursor, name, position }, leaf);
      continue;
    }
    const copy = newScope(scope.net, path, node.span, node.recipe);
    addChild({ cursor, name, position }, copy);
    copyLayers(childrenOf(node), { ...cursor, scope: copy }, leaves);
  }
  return leaves;
}
