/**
 * Says what a kernel computes, for people: `conv 5x5 + bias + tanh (conv1)`. Recognizes
 * the usual words (bias, relu, scale); what has no word is counted.
 */
import type { Expression } from "../../runtime/program/expression.js";
import { operationCount } from "../ir/expression-tree.js";
import type { KernelEpilogue } from "./kernel.js";

/** Adds the layer's path to what is computed. */
export function describe(what: string, label: string): string {
  return label === "" ? what : `${what} (${label})`;
}

/** ` + bias + tanh`: what follows a product; empty for none. */
export function describeEpilogue(epilogue: KernelEpilogue | null): string {
  if (epilogue === null) return "";
  const steps = chainOf(epilogue.expression, (index) => {
    const strides = epilogue.operands[index - 1]?.strides ?? [];
    return strides.some((stride) => stride === 0) ? "bias" : "add";
  });
  const words = steps ?? [countOperations([epilogue.expression])];
  return words.map((word) => ` + ${word}`).join("");
}

/** `tanh`, `maximum, sum, 5 operations`: what a loop does. */
export function describeLoop(
  reductions: readonly { readonly combine: string; readonly expression: Expression }[],
  outputs: readonly Expression[],
): string {
  const words = reductions.map((reduction) => reduction.combine);
  const [only] = outputs;
  if (outputs.length === 1 && only?.kind === "reduced") return words.join(", ");
  const chain = outputs.length === 1 && only !== undefined ? chainOf(only, () => "add") : null;
  if (chain !== null && chain.length > 0) words.push(chain.join(" + "));
  else words.push(describeOther(outputs));
  return words.join(", ");
}

function describeOther(outputs: readonly Expression[]): string {
  const [only] = outputs;
  if (outputs.length === 1 && only?.kind === "constant") return `fill ${String(only.value)}`;
  if (outputs.length === 1 && only?.kind === "input") return "copy";
  return countOperations(outputs);
}

function countOperations(expressions: readonly Expression[]): string {
  const count = expressions.reduce((sum, expression) => sum + operationCount(expression), 0);
  return count === 1 ? "1 operation" : `${String(count)} operations`;
}

/**
 * The words of an expression that is a chain over input 0, innermost first; null when
 * it is none.
 */
function chainOf(expression: Expression, addend: (index: number) => string): string[] | null {
  if (expression.kind === "input") return expression.index === 0 ? [] : null;
  if (expression.kind === "unary") {
    const inner = chainOf(expression.argument, addend);
    return inner === null ? null : [...inner, expression.operator];
  }
  if (expression.kind !== "binary") return null;
  const { operator, left, right } = expression;
  if (operator === "multiply" && isInputZero(left) && isInputZero(right)) return ["square"];
  const word = wordOf(operator, right, addend);
  const inner = word === null ? null : chainOf(left, addend);
  if (inner !== null && word !== null) return [...inner, word];
  const mirrored = wordOf(operator, left, addend);
  const other = mirrored === null ? null : chainOf(right, addend);
  return other !== null && mirrored !== null && operator !== "divide" ? [...other, mirrored] : null;
}

/** The word for `chain operator operand`. */
function wordOf(operator: string, operand: Expression, addend: (index: number) => string): string | null {
  if (operand.kind === "constant") {
    if (operator === "maximum" && operand.value === 0) return "relu";
    if (operator === "multiply" || operator === "divide") return "scale";
    return null;
  }
  if (operand.kind !== "input" || operand.index === 0) return null;
  if (operator === "add") return addend(operand.index);
  return operator === "multiply" ? "multiply" : null;
}

function isInputZero(expression: Expression): boolean {
  return expression.kind === "input" && expression.index === 0;
}

/** `3x3` */
export function describeWindow({ size }: { readonly size: readonly [number, number] }): string {
  return size.join("x");
}
