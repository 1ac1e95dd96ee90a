/** Checks the results of a body against the outputs its signature declares. */
import type { Span, Suggestion } from "../../diagnostics/diagnostic.js";
import type { ShapePattern } from "../../syntax/ast.js";
import type { Dimension } from "../../sizes/dimension.js";
import { format } from "../../sizes/size.js";
import { textOf } from "../checker.js";
import { walkBack } from "../explain/provenance.js";
import { type Frame, reportAt } from "../frame.js";
import type { Tensor } from "../model.js";
import { require } from "../values/obligations.js";
import { formatShape } from "../values/tensors.js";
import { sizeValue } from "../values/value.js";
import { sizeOfAxis, variableOf } from "./axis.js";

/** False, with a message, when the results are not what the signature says. */
export function checkOutputs(
  patterns: readonly ShapePattern[],
  outputs: readonly Tensor[],
  result: Span,
  frame: Frame,
): boolean {
  if (patterns.length !== outputs.length) {
    reportAt(
      frame,
      "shape",
      result,
      `${plural(patterns.length)} declared, and the body gives ${String(outputs.length)}`,
      {
        related: patterns.map(({ span }) => ({ span, label: "declared here" })),
      },
    );
    return false;
  }
  return patterns.every((pattern, index) => checkOutput(pattern, outputs[index]!, result, frame));
}

function plural(count: number): string {
  return count === 1 ? "one result is" : `${String(count)} results are`;
}

function checkOutput(pattern: ShapePattern, tensor: Tensor, result: Span, frame: Frame): boolean {
  const declared = textOf(frame.checker, pattern.span);
  const found = formatShape(tensor.shape);
  const related = [{ span: pattern.span, label: "declared here" }];
  if (pattern.axes.length !== tensor.shape.length) {
    const advice = pattern.axes.length === 2 && tensor.shape.length > 2;
    reportAt(frame, "shape", result, `the result is ${found}, and ${declared} is declared`, {
      related,
      notes: [
        `${String(tensor.shape.length)} ${tensor.shape.length === 1 ? "axis was" : "axes were"} found, ` +
          `${String(pattern.axes.length)} ${pattern.axes.length === 1 ? "is" : "are"} declared`,
      ],
      suggestion: advice
        ? { message: "To get from an image to features, add -> flatten or -> global_avg_pool.", edits: [] }
        : null,
    });
    return false;
  }
  return pattern.axes.every((axis, index) => {
    const dimension = tensor.shape[index]!;
    const name = variableOf(axis, frame);
    if (name !== null && name !== "_") {
      frame.names?.entries.set(name, { value: sizeValue(dimension.size, [dimension]), span: axis.span });
      return true;
    }
    const needed = sizeOfAxis(axis, frame);
    if (needed === null) return true;
    let isRight = true;
    require({
      kind: "compare",
      relation: "==",
      left: dimension.size,
      right: needed,
    }, frame, pattern.span, () => {
      isRight = false;
      reportAt(frame, "shape", result, `the result is ${found}, and ${declared} is declared`, {
        related,
        suggestion: frame.uses.length === 0 ? declareInstead(axis.span, dimension, found) : null,
        notes: [
          `axis ${String(index)} is ${format(dimension.size)}, and ${format(needed)} is declared`,
          ...walkBack(frame.checker, "the result", dimension, result),
        ],
      });
    });
    return isRight;
  });
}

/** A block may be right at other uses; a net has one shape. */
function declareInstead(axis: Span, { size }: Dimension, found: string): Suggestion {
  return {
    message: `If the body is right, declare ${found}.`,
    edits: [{ span: axis, text: format(size) }],
  };
}
