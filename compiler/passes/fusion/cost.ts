/**
 * What pointwise work costs, in rough units of one vectorized addition per element:
 * enough to tell a recomputed `exp` from a saved pass over memory.
 */
import type { BinaryOperator, Expression, UnaryOperator } from "../../../runtime/program/expression.js";
import { children, forEachNode } from "../../ir/expression-tree.js";
import { elementCount, keptShape } from "../../ir/shapes.js";

/** Fusion writes no expression with more nodes, counted in full: what is shared can double at every step. */
export const longestExpression = 600;

/** Calling one more kernel, meeting at its barrier included. */
const callCost = 4000;
const loadCost = 1;
const storeCost = 1.5;

/** The parts of a loop that its cost depends on. */
export interface CostedLoop {
  readonly domain: readonly number[];
  readonly reducedAxes: readonly number[];
  readonly operandShapes: readonly (readonly number[])[];
  readonly reductions: readonly { readonly expression: Expression }[];
  readonly outputs: readonly { readonly expression: Expression; readonly over: "domain" | "kept" }[];
}

/**
 * The cost of a loop: one pass over the domain for reductions that do not read each other's
 * results, one for each that does, and one for the outputs.
 */
export function loopCost(loop: CostedLoop): number {
  const positions = elementCount(loop.domain);
  const rows = elementCount(keptShape(loop.domain, loop.reducedAxes));
  const overDomain = loop.outputs.filter(({ over }) => over === "domain").map(({ expression }) => expression);
  const overRows = loop.outputs.filter(({ over }) => over === "kept").map(({ expression }) => expression);
  const passes = [...reductionPasses(loop.reductions), overDomain];
  const passCosts = passes.map((expressions) => passCost(loop, expressions, positions, rows));
  return (
    callCost +
    loop.reductions.length * positions +
    storeCost * (overDomain.length * positions + overRows.length * rows) +
    passCosts.reduce((sum, cost) => sum + cost, passCost(loop, overRows, rows, rows))
  );
}

/** Reductions by how many others they wait for. */
function reductionPasses(reductions: CostedLoop["reductions"]): Expression[][] {
  const depths: number[] = [];
  const passes: Expression[][] = [];
  for (const { expression } of reductions) {
    let depth = 0;
    forEachNode(expression, (node) => {
      if (node.kind === "reduced") depth = Math.max(depth, depths[node.index]! + 1);
    });
    depths.push(depth);
    (passes[depth] ??= []).push(expression);
  }
  return passes;
}

/** One pass over the domain: every distinct operand is loaded once, every distinct subexpression computed once. */
function passCost(
  { domain, reducedAxes, operandShapes }: CostedLoop,
  expressions: readonly Expression[],
  positions: number,
  rows: number,
): number {
  const varying = new Map<Expression, boolean>();
  const loaded: boolean[] = [];
  let cost = 0;
  for (const expression of expressions) countOnce(expression);
  return cost;

  /** Adds what an expression costs, unless it is counted already; whether it differs from element to element of a row. */
  function countOnce(node: Expression): boolean {
    if (node.kind === "input") return countLoad(node.index);
    if (node.kind === "constant") return false;
    const known = varying.get(node);
    if (known !== undefined) return known;
    let varies = leafVaries(node);
    for (const child of children(node)) varies = countOnce(child) || varies;
    varying.set(node, varies);
    cost += operatorCost(node) * (varies ? positions : rows);
    return varies;
  }

  function countLoad(operand: number): boolean {
    const shape = operandShapes[operand]!;
    const varies =
      reducedAxes.length === 0
        ? elementCount(shape) === elementCount(domain)
        : reducedAxes.some((axis) => (shape[axis] ?? 1) !== 1);
    if (loaded[operand] !== true) cost += loadCost * (varies ? positions : rows);
    loaded[operand] = true;
    return varies;
  }

  function leafVaries(node: Expression): boolean {
    if (node.kind === "coordinate") return reducedAxes.length === 0 || reducedAxes.includes(node.axis);
    return node.kind === "random";
  }
}

/** Less than a random number costs: drawing one twice beats nothing. */
const mostCheapCost = 4;

/** Whether an expression is so cheap that computing it twice beats storing it. */
export function isCheap(expression: Expression): boolean {
  let cost = 0;
  forEachNode(expression, (node) => (cost += operatorCost(node)));
  return cost <= mostCheapCost;
}

function operatorCost(node: Expression): number {
  switch (node.kind) {
    case "random":
      return 30;
    case "select":
      return 1;
    case "binary":
    case "unary":
      return operatorCosts[node.operator] ?? 1;
    case "constant":
    case "input":
    case "reduced":
    case "coordinate":
    case "variable":
      return 0;
  }
}

/** Operators that cost more than an addition. */
const operatorCosts: Partial<Record<UnaryOperator | BinaryOperator, number>> = {
  divide: 4,
  sqrt: 4,
  exp: 12,
  log: 12,
  tanh: 12,
  sigmoid: 12,
  erf: 12,
  sin: 12,
  cos: 12,
  power: 25,
};
