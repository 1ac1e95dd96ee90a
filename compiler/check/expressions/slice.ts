/** `x[:, 0:1]`, `x[:, :, 0:H/2]`: part of a tensor, with half-open ranges and positive steps. */
import type { Expression, IndexAxis, IndexExpression } from "../../syntax/ast.js";
import type { SettingValues } from "../../library/settings.js";
import type { Size } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "../values/describe.js";
import { integerOf, sizeOf } from "../values/integer.js";
import { formatShape } from "../values/tensors.js";
import { type Value, unknown } from "../values/value.js";
import type { Tensor } from "../model.js";

interface Range {
  readonly start: Size | null;
  readonly stop: Size | null;
  readonly step: number;
}

export function evaluateIndex(expression: IndexExpression, frame: Frame): Value {
  const target = frame.operations.evaluate(expression.target, frame);
  if (target.kind === "unknown") return unknown;
  if (target.kind === "list") return itemOf(target.items, expression, frame);
  if (target.kind !== "tensor") {
    reportAt(
      frame,
      "type",
      expression.target.span,
      `only tensors and lists have parts, and this is ${describe(target)}`,
    );
    return unknown;
  }
  const { tensor } = target;
  if (expression.axes.length > tensor.shape.length) {
    reportAt(
      frame,
      "shape",
      expression.span,
      `this takes ${String(expression.axes.length)} axes, and the tensor is ${formatShape(tensor.shape)}`,
    );
    return unknown;
  }
  return sliceTensor(expression, tensor, frame);
}

function sliceTensor(expression: IndexExpression, tensor: Tensor, frame: Frame): Value {
  const ranges = expression.axes.map((axis) => rangeOf(axis, frame));
  const known = ranges.filter((range) => range !== null);
  const definition = frame.checker.library.get("slice");
  if (known.length < ranges.length || definition?.kind !== "layer") return unknown;
  const settings: SettingValues = {
    start: { kind: "sizes", sizes: known.map(({ start }) => start) },
    stop: { kind: "sizes", sizes: known.map(({ stop }) => stop) },
    step: known.map(({ step }) => step),
  };
  const layer = { kind: "library", definition, settings, span: expression.span } as const;
  return frame.operations.apply(layer, [tensor], frame, {
    span: expression.span,
    head: expression.span,
    name: null,
    operands: [expression.target.span],
    isFlow: false,
  });
}

/** The range, null where an end is not written; null, with a message, when it is none. */
function rangeOf(axis: IndexAxis, frame: Frame): Range | null {
  if (axis.kind === "at") {
    reportAt(frame, "type", axis.span, "a tensor is sliced by ranges, which keep the axis", {
      notes: ["x[:, 2:3] is channel 2 alone; to drop the axis afterwards, reshape"],
    });
    return null;
  }
  const bound = (part: Expression, what: string): Size | null =>
    sizeOf(frame.operations.evaluate(part, frame), part.span, frame, what);
  const start = axis.start && bound(axis.start, "the start of a slice");
  const stop = axis.stop && bound(axis.stop, "the end of a slice");
  const step = stepOf(axis, frame);
  const isKnown = (axis.start === null) === (start === null) && (axis.stop === null) === (stop === null);
  if (!isKnown || step === null) return null;
  return { start, stop, step };
}

function stepOf(axis: IndexAxis & { kind: "slice" }, frame: Frame): number | null {
  if (axis.step === null) return 1;
  const value = frame.operations.evaluate(axis.step, frame);
  const step = integerOf(value, axis.step.span, frame, "the step of a slice");
  if (step === null || step >= 1) return step;
  reportAt(frame, "size", axis.span, `the step of a slice must be at least 1, and this is ${String(step)}`);
  return null;
}

function itemOf(items: readonly Value[], expression: IndexExpression, frame: Frame): Value {
  const [axis] = expression.axes;
  if (expression.axes.length !== 1 || axis?.kind !== "at") {
    reportAt(frame, "type", expression.span, "an item of a list is taken by one position: list[0]");
    return unknown;
  }
  const value = frame.operations.evaluate(axis.position, frame);
  const position = integerOf(value, axis.span, frame, "a position in a list");
  if (position === null) return unknown;
  const item = items.at(position);
  if (item !== undefined && position < items.length) return item;
  reportAt(
    frame,
    "size",
    axis.span,
    `this list has ${String(items.length)} items, and none at ${String(position)}`,
  );
  return unknown;
}
