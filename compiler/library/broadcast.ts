/**
 * Shapes of two operands that meet element by element: equal sizes, or one that is
 * literally 1, or a number.
 */
import { asConstant, equal, constant, format } from "../sizes/size.js";
import type { Dimension } from "../sizes/dimension.js";
import type { OperandShape, OutputDimension, Repair, ShapeCondition, ShapeProblem } from "./definition.js";
import { type Rejected, compareSizes, describe, reject, same } from "./shape-results.js";

export interface Met {
  readonly ok: true;
  readonly shape: readonly OutputDimension[];
  readonly conditions: readonly ShapeCondition[];
}

/**
 * The common shape of two tensors, broadcasting where a size is literally 1.
 * `verb` completes `main and skip cannot be ...`: `added`.
 */
export function broadcastShapes(verb: string, left: OperandShape, right: OperandShape): Met | Rejected {
  return meet(verb, left, right, true);
}

/** The common shape of two tensors that must be equal: losses never broadcast. */
export function requireEqualShapes(verb: string, left: OperandShape, right: OperandShape): Met | Rejected {
  return meet(verb, left, right, false);
}

function meet(verb: string, left: OperandShape, right: OperandShape, broadcasts: boolean): Met | Rejected {
  if (left.shape.length !== right.shape.length) {
    const notes = [`${left.name} has ${axes(left)}, ${right.name} has ${axes(right)}`];
    return cannotMeet(verb, left, right, notes, wholeBlame(left, right), rankAdvice(left, right));
  }
  const shape: OutputDimension[] = [];
  const conditions: ShapeCondition[] = [];
  const wrong: number[] = [];
  left.shape.forEach((dimension, axis) => {
    const other = right.shape[axis]!;
    const agree = compareSizes(dimension.size, other.size);
    if (agree !== "yes" && broadcasts && isOne(dimension)) shape.push(same(other));
    else if (agree !== "yes" && broadcasts && isOne(other)) shape.push(same(dimension));
    else if (agree === "no") wrong.push(axis);
    else {
      shape.push(same(dimension));
      if (agree !== "yes") conditions.push(agree);
    }
  });
  if (wrong.length === 0) return { ok: true, shape, conditions };
  const notes = wrong.map(
    (axis) =>
      `axis ${String(axis)}: ${format(left.shape[axis]!.size)} is not ${format(right.shape[axis]!.size)}`,
  );
  const blame = wrong.flatMap((axis) => [
    { operand: left.name, dimension: left.shape[axis]! },
    { operand: right.name, dimension: right.shape[axis]! },
  ]);
  return cannotMeet(verb, left, right, notes, blame, branchAdvice(left, right, wrong));
}

function cannotMeet(
  verb: string,
  left: OperandShape,
  right: OperandShape,
  notes: readonly string[],
  blame: ShapeProblem["blame"],
  advice: Advice | null,
): Rejected {
  const message = `${left.name} and ${right.name} cannot be ${verb}: ${describe(left.shape)} and ${describe(right.shape)}`;
  return reject("shape", message, { notes, blame, ...advice });
}

interface Advice {
  readonly suggestion: string;
  readonly repair?: Repair;
}

/** To put a layer behind one of the operands; `why` ends before the colon. */
function repairWith(operand: string, layer: string, why: string): Advice {
  return { suggestion: `${why}: ${operand} -> ${layer}`, repair: { operand, layer } };
}

function isOne({ size }: Dimension): boolean {
  return equal(size, constant(1));
}

function axes({ shape }: OperandShape): string {
  if (shape.length === 0) return "no axes (it is a single number)";
  return shape.length === 1 ? "1 axis" : `${String(shape.length)} axes`;
}

function wholeBlame(left: OperandShape, right: OperandShape): ShapeProblem["blame"] {
  return [left, right].flatMap((operand) =>
    operand.shape.map((dimension) => ({ operand: operand.name, dimension })),
  );
}

/** `[N, 1]` beside `[N]`, `[N, C, 1, 1]` beside `[N, C]`: reshape the smaller one. */
function rankAdvice(left: OperandShape, right: OperandShape): Advice | null {
  const [longer, shorter] = left.shape.length > right.shape.length ? [left, right] : [right, left];
  const isPrefix = shorter.shape.every(
    (dimension, axis) => axis < longer.shape.length && equal(dimension.size, longer.shape[axis]!.size),
  );
  if (!isPrefix || shorter.shape.length === 0) return null;
  const kept = shorter.shape.slice(1).map(({ size }) => format(size));
  const added = Array<string>(longer.shape.length - shorter.shape.length).fill("1");
  const layer = `reshape(${[...kept, ...added].join(", ")})`;
  return repairWith(shorter.name, layer, `Give ${shorter.name} axes of size 1`);
}

/**
 * Two branches over images that came to differ in channels, or in height and width by a
 * whole factor: a 1x1 convolution brings the larger one to the smaller one's shape.
 */
function branchAdvice(left: OperandShape, right: OperandShape, wrong: readonly number[]): Advice | null {
  if (left.shape.length !== 4 || wrong.includes(0)) return null;
  const stride = (from: OperandShape, to: OperandShape): number | null => {
    const strides = [2, 3].map((axis) => strideBetween(from.shape[axis]!, to.shape[axis]!));
    return strides[0] === strides[1] ? (strides[0] ?? null) : null;
  };
  const forwards = stride(right, left);
  const backwards = stride(left, right);
  const [changed, target, step] = forwards !== null ? [right, left, forwards] : [left, right, backwards];
  const channels = asConstant(target.shape[1]!.size);
  if (step === null && !wrong.includes(1)) {
    return {
      suggestion:
        "Keep height and width alike in both branches: a 3x3 convolution needs pad=1, a 5x5 one pad=2",
    };
  }
  if (step === null || channels === null) return null;
  const settings = step === 1 ? "" : `, stride=${String(step)}`;
  const layer = `conv(${String(channels)}, 1${settings})`;
  return repairWith(changed.name, layer, `Give ${changed.name} the same change`);
}

/** The stride of a 1x1 convolution that takes the one size to the other; null for none. */
function strideBetween(from: Dimension, to: Dimension): number | null {
  if (equal(from.size, to.size)) return 1;
  const large = asConstant(from.size);
  const small = asConstant(to.size);
  if (large === null || small === null || small < 1) return null;
  const stride = Math.round(large / small);
  return stride >= 1 && Math.ceil(large / stride) === small ? stride : null;
}
