/** `reduce`: sum or maximum over axes, which stay with size 1. */
import * as e from "../ir/expressions.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";
import { denseStrides, elementCount, keptShape } from "../ir/shapes.js";
import { invariant } from "../diagnostics/invariant.js";
import { checkAxes } from "./check-expression.js";
import { neverInPlace, type OpDefinition } from "./definition.js";
import { evaluateReduction } from "./evaluate-pointwise.js";

export const reduce: OpDefinition<"reduce"> = {
  documentation: "Sum or maximum over axes, which stay with size 1.",
  infer: ({ axes }, inputs) => {
    const [input] = inputs;
    invariant(inputs.length === 1 && input !== undefined, "reduce takes one input");
    invariant(input.dataType === "f32", "reduce takes real numbers");
    checkAxes(axes, input.shape.length);
    return [{ dataType: "f32", shape: keptShape(input.shape, axes) }];
  },
  flops: (_attributes, [input]) => elementCount(input!.shape),
  inPlace: neverInPlace,
  gradient: ({ builder, attributes, inputs, output, cotangent }) => {
    const [input] = inputs as readonly [ValueId];
    const shape = builder.shape(input);
    if (attributes.combine === "sum") return [() => builder.broadcast(cotangent, shape)];
    return [() => maximumCotangent(builder, input, output, cotangent, attributes.axes)];
  },
  evaluate: ({ attributes, inputs, inputTypes, outputTypes }) => [
    evaluateReduction(inputs[0]!, inputTypes[0]!.shape, outputTypes[0]!.shape, attributes.combine),
  ],
};

/**
 * The first of equal maxima takes the cotangent, as in PyTorch's `max(dim)` and in
 * `max_pool`. Its place is the largest of the negated positions at which the maximum stands.
 */
function maximumCotangent(
  builder: GraphBuilder,
  input: ValueId,
  maximum: ValueId,
  cotangent: ValueId,
  axes: readonly number[],
): ValueId {
  const shape = builder.shape(input);
  const sizes = axes.map((axis) => shape[axis]!);
  const strides = denseStrides(sizes);
  const position = axes
    .map((axis, index) => e.multiply(e.coordinate(axis), e.constant(strides[index]!)))
    .reduce((left, right) => e.add(left, right), e.constant(0));
  const negated = e.unary("negate", position);
  const isMaximum = e.binary("equal", e.input(0), e.input(1));
  const candidates = e.select(isMaximum, negated, e.constant(-elementCount(sizes)));
  const first = builder.reduce("maximum", builder.map(candidates, [input, maximum], shape), axes);
  const isFirst = e.binary("equal", negated, e.input(0));
  return builder.map(e.select(isFirst, e.input(1), e.constant(0)), [first, cotangent], shape);
}
