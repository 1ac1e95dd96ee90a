/**
 * What shape rules answer with, and the words they describe shapes in. Every rule is
 * written with these few helpers, so that all messages speak alike.
 */
import type { Dimension } from "../sizes/dimension.js";
import {
  type Size,
  asConstant,
  compareEqual,
  compareLess,
  constant,
  evaluate,
  format,
} from "../sizes/size.js";
import { variablesOf } from "../sizes/size.js";
import type {
  OperandShape,
  OutputDimension,
  OutputShape,
  ShapeCondition,
  ShapeProblem,
  ShapeResult,
} from "./definition.js";

type Accepted = Extract<ShapeResult, { readonly ok: true }>;
export interface Rejected {
  readonly ok: false;
  readonly problem: ShapeProblem;
}

/** The shapes fit: one output of real numbers. */
export function accept(
  shape: readonly OutputDimension[],
  more: Pick<Accepted, "hints" | "conditions"> = {},
): ShapeResult {
  return acceptAll([{ dataType: "f32", shape }], more);
}

/** The shapes fit, with any number of outputs. */
export function acceptAll(
  outputs: readonly OutputShape[],
  more: Pick<Accepted, "hints" | "conditions"> = {},
): ShapeResult {
  return { ok: true, outputs, ...more };
}

/** The shapes do not fit. */
export function reject(
  code: ShapeProblem["code"],
  message: string,
  more: Partial<Pick<ShapeProblem, "notes" | "blame" | "suggestion" | "repair">> = {},
): Rejected {
  return {
    ok: false,
    problem: {
      code,
      message,
      notes: more.notes ?? [],
      blame: more.blame ?? [],
      suggestion: more.suggestion ?? null,
      ...(more.repair === undefined ? {} : { repair: more.repair }),
    },
  };
}

/** The operand's shape, unchanged. */
export function unchanged(operand: OperandShape): readonly OutputDimension[] {
  return operand.shape.map(same);
}

/** The very same dimension as an input's. */
export function same(dimension: Dimension): OutputDimension {
  return { same: dimension };
}

/** A dimension that the settings fix: `conv(6, 5)` makes 6 channels. */
export function fixed(value: number, text: string): OutputDimension {
  return { size: constant(value), text, from: [] };
}

/** `1 feature`, `10 features` */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A dimension computed from others. */
export function computed(size: Size, text: string, from: readonly Dimension[]): OutputDimension {
  return { size, text, from };
}

/** The size of an output dimension, wherever it comes from. */
export function sizeOf(dimension: OutputDimension): Size {
  return "same" in dimension ? dimension.same.size : dimension.size;
}

/** `[N, 16, 5, 5]`, or `a single number` */
export function describe(shape: readonly Dimension[]): string {
  if (shape.length === 0) return "a single number";
  return `[${shape.map(({ size }) => format(size)).join(", ")}]`;
}

/** Every dimension of an operand, to walk back from. */
export function blameAll(operand: OperandShape): ShapeProblem["blame"] {
  return operand.shape.map((dimension) => ({ operand: operand.name, dimension }));
}

/** One dimension of an operand, to walk back from. */
export function blameAxis(operand: OperandShape, axis: number): ShapeProblem["blame"] {
  const dimension = operand.shape[axis];
  return dimension === undefined ? [] : [{ operand: operand.name, dimension }];
}

/** `H`, `H and W`, `N, H and W` */
export function listed(words: readonly string[], conjunction = "and"): string {
  if (words.length <= 1) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words[words.length - 1]!}`;
}

/** Whether two sizes are the same: yes, no, or under a condition on the size variables. */
export function compareSizes(left: Size, right: Size): "yes" | "no" | ShapeCondition {
  const answer = compareEqual(left, right);
  if (answer !== "unknown") return answer;
  return {
    condition: `${format(left)} == ${format(right)}`,
    sizes: { left, relation: "==", right },
    holds: (variables) => evaluate(left, variables) === evaluate(right, variables),
  };
}

/** Whether a size is at least `minimum`: yes, no, or under a condition on the size variables. */
export function compareAtLeast(size: Size, minimum: Size): "yes" | "no" | ShapeCondition {
  const answer = compareLess(size, minimum);
  if (answer !== "unknown") return answer === "no" ? "yes" : "no";
  return {
    condition: `${format(size)} >= ${format(minimum)}`,
    sizes: { left: size, relation: ">=", right: minimum },
    holds: (variables) => evaluate(size, variables) >= evaluate(minimum, variables),
  };
}

/**
 * The number a parameter's shape needs, or the problem that says which size is unknown
 * and why it must be known.
 */
export function requireNumber(
  word: string,
  operand: OperandShape,
  axis: number,
  what: string,
  reason: string,
  suggestion: string | null = null,
): { readonly ok: true; readonly value: number } | Rejected {
  const dimension = operand.shape[axis]!;
  const value = asConstant(dimension.size);
  if (value !== null) return { ok: true, value };
  const unknown = variablesOf(dimension.size);
  const be = unknown.length > 1 ? "are" : "is";
  return reject(
    "size",
    `${word} needs to know ${what} of ${operand.name}, and ${format(dimension.size)} is not a number`,
    {
      notes: [
        `${reason}, so it must be known when the net is built`,
        `${listed(unknown)} ${be} known only later`,
      ],
      blame: blameAxis(operand, axis),
      suggestion:
        suggestion ??
        `Declare ${listed(unknown)} as ${be === "is" ? "a number" : "numbers"} in the signature`,
    },
  );
}
