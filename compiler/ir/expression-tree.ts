/** Walks over scalar expressions: rebuilding, counting, searching. */
import type { Expression } from "../../runtime/program/expression.js";
import * as e from "./expressions.js";

type Leaf = Extract<
  Expression,
  { kind: "constant" | "input" | "reduced" | "coordinate" | "random" | "variable" }
>;

/**
 * The expression with every leaf replaced, simplified again on the way up. Subtrees that
 * are one object stay one object; an input is replaced wherever it stands.
 */
export function replaceLeaves(expression: Expression, replacement: (leaf: Leaf) => Expression): Expression {
  if (expression.kind === "input") return replacement(expression);
  const done = new Map<Expression, Expression>();
  function visit(node: Expression): Expression {
    if (node.kind === "input") return replacement(node);
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

/**
 * Calls `visit` once for every distinct object that applies an operator, and for leaves
 * wherever they stand; children first.
 */
export function forEachNode(expression: Expression, visit: (node: Expression) => void): void {
  const seen = new Set<Expression>();
  function walk(node: Expression): void {
    const operands = children(node);
    if (operands.length > 0) {
      if (seen.has(node)) return;
      seen.add(node);
      for (const operand of operands) walk(operand);
    }
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
      return noChildren;
  }
}

const noChildren: readonly Expression[] = [];

/** Whether some node of the tree satisfies the condition. */
export function someNode(expression: Expression, condition: (node: Expression) => boolean): boolean {
  return condition(expression) || children(expression).some((child) => someNode(child, condition));
}

/** The inputs that are read, ascending. */
export function inputsOf(expression: Expression): number[] {
  const indices: number[] = [];
  forEachNode(expression, (node) => {
    if (node.kind === "input" && !indices.includes(node.index)) indices.push(node.index);
  });
  return indices.sort((left, right) => left - right);
}

/** How many operators are applied, an object that stands in several places counting once. */
export function operationCount(expression: Expression): number {
  let count = 0;
  forEachNode(expression, (node) => {
    if (children(node).length > 0) count++;
  });
  return count;
}

/** Whether the tree written out in full has more nodes than this. */
export function isLargerThan(expression: Expression, limit: number): boolean {
  return nodesLeft(expression, limit) < 0;
}

/** What is left of a number of nodes after those of the tree; stops counting below 0. */
function nodesLeft(expression: Expression, nodes: number): number {
  let left = nodes - 1;
  for (const child of children(expression)) if (left >= 0) left = nodesLeft(child, left);
  return left;
}
