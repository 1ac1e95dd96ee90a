/** Labels beside scores: integers [N, ...] or distributions [N, K, ...] for scores [N, K, ...]. */
import { asConstant, format } from "../sizes/size.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";
import { requireEqualShapes } from "./broadcast.js";
import type { OperandShape, ShapeCondition, ShapeContext } from "./definition.js";
import { type Rejected, blameAll, blameAxis, compareSizes, describe, reject } from "./shape-results.js";

/** That the labels fit the scores, which are operand 0. */
export function labelShape(
  word: string,
  { inputs }: ShapeContext,
): { readonly ok: true; readonly conditions: readonly ShapeCondition[] } | Rejected {
  const [scores, label] = inputs;
  if (scores!.shape.length < 2) {
    return reject(
      "shape",
      `${word} needs scores [N, K] for K classes, and ${scores!.name} is ${describe(scores!.shape)}`,
      {
        blame: blameAll(scores!),
      },
    );
  }
  if (label!.dataType === "f32") return distributionShape(word, scores!, label!);
  return integerShape(word, scores!, label!);
}

/** Integers [N, ...] as [N, 1, ...], which broadcast over the classes. */
export function labelsAsColumn(builder: GraphBuilder, label: ValueId): ValueId {
  const [batch, ...others] = builder.shape(label);
  return builder.reshape(label, [batch!, 1, ...others]);
}

function distributionShape(word: string, scores: OperandShape, label: OperandShape) {
  if (label.shape.length === scores.shape.length) return requireEqualShapes("compared", scores, label);
  const classes = asConstant(scores.shape[1]!.size);
  return reject(
    "type",
    `${word} needs integers as labels, and ${label.name} ${describe(label.shape)} holds real numbers`,
    {
      notes: [
        `real numbers are taken as a distribution over the classes, of the shape ${describe(scores.shape)}`,
      ],
      suggestion: `Declare the classes: input ${label.name}${describe(label.shape)} in 0..${classes === null ? "K" : String(classes)}`,
    },
  );
}

function integerShape(word: string, scores: OperandShape, label: OperandShape) {
  const expected = scores.shape.filter((_, axis) => axis !== 1);
  const conditions: ShapeCondition[] = [];
  const wrong = reject(
    "shape",
    `${word} needs one label for each row of scores, and ${label.name} is ${describe(label.shape)} beside ${scores.name} ${describe(scores.shape)}`,
    {
      notes: [`the labels of ${describe(scores.shape)} are ${describe(expected)}`],
      blame: [...blameAll(scores), ...blameAll(label)],
    },
  );
  if (label.shape.length !== expected.length) return wrong;
  for (const [axis, dimension] of expected.entries()) {
    const agree = compareSizes(dimension.size, label.shape[axis]!.size);
    if (agree === "no") return wrong;
    if (agree !== "yes") conditions.push(agree);
  }
  return refuseOtherClasses(word, scores, label) ?? { ok: true as const, conditions };
}

/** Labels that reach beyond the classes there are scores for. */
function refuseOtherClasses(word: string, scores: OperandShape, label: OperandShape): Rejected | null {
  const classes = asConstant(scores.shape[1]!.size);
  if (label.limit === null || classes === null || label.limit <= classes) return null;
  return reject(
    "shape",
    `${word} has scores for ${String(classes)} classes, and ${label.name} counts ${String(label.limit)}`,
    {
      notes: [
        `${scores.name} is ${describe(scores.shape)}: one score for each of ${format(scores.shape[1]!.size)} classes`,
        `${label.name} is declared in 0..${String(label.limit)}`,
      ],
      blame: blameAxis(scores, 1),
      suggestion: `End the net with dense(${String(label.limit)}), or declare ${label.name} in 0..${String(classes)}`,
    },
  );
}
