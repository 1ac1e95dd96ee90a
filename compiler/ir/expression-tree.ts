/** Walks over scalar expressions: rebuilding, counting, searching. */
import type { Expression } from "../../runtime/program/expression.js";
import * as e from "./expressions.js";

type Leaf = Extract<
  Expression,
  { kind: "constant" | "input" | "reduced" | "coordinate" | "random" | "variable" }
>;

/**
 * The expression with every leaf replaced, simplified again on the way up. Subtrees that
 * are one object stay one object.
 */
export function replaceLeaves(expression: Expression, replacement: (leaf: Leaf) => Expression): Expression {
  const done = new Map<Expression, Expression>();
  function visit(node: Expression): Expression {
    let result = done.get(node);
    if (result === undefined) done.set(node, (result = rebuild(node)));
    return result;
  }
  function rebuild(node: Expression): Expression {
    switch (node.kind) {
      case "unary":
        return e.unary(node.operator, visit(node.argument));
      case "binary":
        return e.binary(node.operator, visit(node.left), visit(node.right));
      case "select":
        return e.select(visit(node.condition), visit(node.then), visit(node.otherwise));
      case "constant":
      case "input":
      case "reduced":
      case "coordinate":
      case "random":
      case "variable":
        return replacement(node);
    }
  }
  return visit(expression);
}

/** The expression with every input replaced. */
export function replaceInputs(
  expression: Expression,
  replacement: (index: number) => Expression,
): Expression {
  return replaceLeaves(expression, (leaf) => (leaf.kind === "input" ? replacement(leaf.index) : leaf));
}

/** Calls `visit` once for every distinct object in the tree, children first. */
export function forEachNode(expression: Expression, visit: (node: Expression) => void): void {
  const seen = new Set<Expression>();
  function walk(node: Expression): void {
    if (seen.has(node)) return;
    seen.add(node);
    for (const child of children(node)) walk(child);
    visit(node);
  }
  walk(expression);
}

export function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "unary":
      return [expression.argument];
    case "binary":
      return [expression.left, expression.right];
    case "select":
      return [expression.condition, expression.then, expression.otherwise];
    case "constant":
    case "input":
    case "reduced":
    case "coordinate":
    case "random":
    case "variable":
      return [];
  }
}

/** Whether some node of the tree satisfies the condition. */
export function someNode(expression: Expression, condition: (node: Expression) => boolean): boolean {
  return condition(expression) || children(expression).some((child) => someNode(child, condition));
}

/** The inputs that are read, ascending. */
export function inputsOf(expression: Expression): number[] {
  const indices = new Set<number>();
  forEachNode(expression, (node) => {
    if (node.kind === "input") indices.add(node.index);
  });
  return [...indices].sort((left, right) => left - right);
}

/** How many operators are applied, an object that stands in several places counting once. */
export function operationCount(expression: Expression): number {
  let count = 0;
  forEachNode(expression, (node) => {
    if (children(node).length > 0) count++;
  });
  return count;
}

/** The number of nodes of the tree written out in full. */
export function treeSize(expression: Expression): number {
  const sizes = new Map<Expression, number>();
  forEachNode(expression, (node) => {
    sizes.set(node, 1 + children(node).reduce((sum, child) => sum + sizes.get(child)!, 0));
  });
  return sizes.get(expression)!;
}
