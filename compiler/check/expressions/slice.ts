/** `x[:, 0:1]`: part of a tensor, with half-open ranges and positive steps. */
import type { IndexAxis, IndexExpression } from "../../syntax/ast.js";
import { type Frame, reportAt } from "../frame.js";
import { describe } from "../values/describe.js";
import { integerOf } from "../values/integer.js";
import { formatShape } from "../values/tensors.js";
import { type Value, unknown } from "../values/value.js";
import type { Tensor } from "../model.js";

/** No axis is longer: a stop beyond the end means the end. */
const toTheEnd = 2 ** 31;

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
  const rest = tensor.shape.slice(known.length).map(() => ({ start: 0, stop: toTheEnd, step: 1 }));
  const all = [...known, ...rest];
  const settings = {
    start: all.map(({ start }) => start),
    stop: all.map(({ stop }) => stop),
    step: all.map(({ step }) => step),
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

function rangeOf(axis: IndexAxis, frame: Frame) {
  if (axis.kind === "at") {
    reportAt(frame, "type", axis.span, "a tensor is sliced by ranges, which keep the axis", {
      notes: ["x[:, 2:3] is channel 2 alone; to drop the axis afterwards, reshape"],
    });
    return null;
  }
  const { evaluate } = frame.operations;
  const [start, stop, step] = [axis.start, axis.stop, axis.step].map((part, index) => {
    if (part === null) return [0, toTheEnd, 1][index]!;
    return integerOf(
      evaluate(part, frame),
      part.span,
      frame,
      ["the start of a slice", "the end of a slice", "the step of a slice"][index]!,
    );
  });
  if (start === null || stop === null || step === null) return null;
  if (start === undefined || stop === undefined || step === undefined) return null;
  if (step < 1) {
    reportAt(frame, "size", axis.span, `the step of a slice must be at least 1, and this is ${String(step)}`);
    return null;
  }
  return { start, stop, step };
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
