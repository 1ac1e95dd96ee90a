/** In how many passes over its elements a row is reduced. */
import type { Expression } from "../../../runtime/program/expression.js";
import { someNode } from "../../ir/expression-tree.js";
import type { LoopKernel } from "../../select/kernel.js";

type Reductions = LoopKernel["reductions"];

/** Reductions that can be computed together, since none needs another's result. */
export function passesOf(reductions: Reductions): number[][] {
  const passes: number[][] = [];
  for (const [index, { expression }] of reductions.entries()) {
    const last = passes.at(-1);
    if (last && !usesReduced(expression, last)) last.push(index);
    else passes.push([index]);
  }
  return passes;
}

function usesReduced(expression: Expression, reductions: readonly number[]): boolean {
  return someNode(expression, (part) => part.kind === "reduced" && reductions.includes(part.index));
}
