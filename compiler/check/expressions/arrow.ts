/** `image -> conv(6, 5) -> tanh`: tensors flow through layers; without tensors, a longer layer. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { ArrowExpression, Expression } from "../../syntax/ast.js";
import type { Frame } from "../frame.js";
import { toLayer } from "../layers/to-layer.js";
import { tensorsOf } from "../values/tensors.js";
import { type Layer, type Value, isLayerLike, unknown } from "../values/value.js";
import { evaluateBinary } from "./operators.js";

export function evaluateArrow(arrow: ArrowExpression, frame: Frame): Value {
  const [first, ...rest] = arrow.stages;
  const start = frame.operations.evaluate(first!, frame);
  if (isLayerLike(start)) return evaluateLongerLayer(arrow, start, frame);
  let value: Value = start;
  let position = first!;
  for (const stage of rest) {
    value = applyStage(value, position, stage, arrow, frame);
    position = stage;
  }
  return value;
}

/** Applies one stage to what flows into it; every stage is evaluated, whatever came before. */
function applyStage(
  value: Value,
  before: Expression,
  stage: Expression,
  arrow: ArrowExpression,
  frame: Frame,
): Value {
  const layer = evaluateStage(stage, arrow, frame);
  const operands = tensorsOf(value, before.span, frame, "flow through a layer");
  if (layer === null || operands === null) return unknown;
  const { span } = stage;
  const site = { span, head: span, name: null, operands: [lastStage(before)], isFlow: true };
  return frame.operations.apply(layer, operands, frame, site);
}

/** Where what flows was made last: the end of a longer arrow. */
function lastStage(expression: Expression): Span {
  if (expression.kind === "group") return lastStage(expression.inner);
  return expression.kind === "arrow" ? expression.stages.at(-1)!.span : expression.span;
}

function evaluateLongerLayer(arrow: ArrowExpression, start: Value, frame: Frame): Value {
  const [first, ...rest] = arrow.stages;
  const layers = [
    toLayer(start, first!.span, frame),
    ...rest.map((stage) => evaluateStage(stage, arrow, frame)),
  ];
  const elements = layers.filter((layer): layer is Layer => layer !== null);
  if (elements.length < layers.length) return unknown;
  return { kind: "layer", layer: { kind: "chain", elements, span: arrow.span } };
}

function evaluateStage(stage: Expression, arrow: ArrowExpression, frame: Frame): Layer | null {
  // `x -> f + x` reads `x -> (f + x)`; the operator can offer `(x -> f) + x`.
  const value =
    stage.kind === "binary"
      ? evaluateBinary(stage, frame, arrow.span)
      : frame.operations.evaluate(stage, frame);
  return toLayer(value, stage.span, frame);
}
