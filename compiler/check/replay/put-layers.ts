/** Puts what a recorded part put into a scope into another scope, under the names it gets there. */
import { addChild, isLeaf, newScope, pathIn } from "../layers/scope.js";
import type { Leaf } from "../nets/construction.js";
import type { Scope } from "../values/value.js";
import type { Child } from "./recording.js";

/** What a scope holds, in order. */
export function childrenOf({ children, made }: Scope, from = 0): readonly Child[] {
  return made.slice(from).map(({ name, position }) => ({ name, position, node: children.get(name)! }));
}

/** Fills a scope with these children; `leafAt` gives each layer for the path that it has there. */
export function putLayers(
  children: readonly Child[],
  scope: Scope,
  leafAt: (leaf: Leaf, path: string) => Leaf = itself,
): void {
  for (const child of children) {
    const { node } = child;
    const path = pathIn(scope, child.name);
    if (isLeaf(node)) {
      addChild(scope, child, leafAt(node, path));
      continue;
    }
    const copy = newScope(scope.net, path, node.span, node.recipe);
    addChild(scope, child, copy);
    putLayers(childrenOf(node), copy, leafAt);
  }
}

function itself(leaf: Leaf): Leaf {
  return leaf;
}

/** Fills a scope with copies of these children; tells what each layer is there. */
export function copyLayers(children: readonly Child[], scope: Scope): ReadonlyMap<Leaf, Leaf> {
  const leaves = new Map<Leaf, Leaf>();
  const net = scope.net.identity;
  putLayers(children, scope, (leaf, path) => {
    const copy = leaf.path === path && leaf.net === net ? leaf : { ...leaf, net, path };
    leaves.set(leaf, copy);
    return copy;
  });
  return leaves;
}

/** The children as a part that begins `shift` positions later would put them. */
export function shifted(children: readonly Child[], shift: number): readonly Child[] {
  return children.map(({ name, position, node }) =>
    position === null
      ? { name, position, node }
      : { name: String(position + shift), position: position + shift, node },
  );
}
