/** `slice` and `place`: a box cut out of a tensor, and put into zeros; each is the other's gradient. */
import { invariant } from "../diagnostics/invariant.js";
import { denseStrides, elementCount } from "../ir/shapes.js";
import { checkShape } from "./check-expression.js";
import { checkPositive } from "./convolution.js";
import { boxPlacement, copyStrided } from "./copies.js";
import { neverInPlace, noFlops, type OpDefinition } from "./definition.js";

export const slice: OpDefinition<"slice"> = {
  documentation: "Every step-th element from start up to, not including, stop, along each axis.",
  infer: ({ start, stop, step }, inputs) => {
    const [input] = inputs;
    invariant(inputs.length === 1 && input !== undefined, "slice takes one input");
    const rank = input.shape.length;
    invariant(
      start.length === rank && stop.length === rank && step.length === rank,
      "a slice of another rank",
    );
    checkPositive(step, "a slice's step");
    const shape = input.shape.map((size, axis) => {
      const [from, to] = [start[axis]!, stop[axis]!];
      const isInside = Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= size;
      invariant(isInside, () => `a slice ${String(from)}:${String(to)} of ${String(size)}`);
      return Math.ceil((to - from) / step[axis]!);
    });
    return [{ dataType: input.dataType, shape }];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: ({ builder, attributes: { start, step }, inputs, cotangent }) => [
    () => builder.node("place", { before: start, step, shape: builder.shape(inputs[0]!) }, [cotangent]),
  ],
  evaluate: ({ attributes, inputs, inputTypes, outputTypes }) => {
    const { shape } = outputTypes[0]!;
    const output = new Float64Array(elementCount(shape));
    const box = boxPlacement(inputTypes[0]!.shape, attributes.start, attributes.step);
    copyStrided(inputs[0]!, box.offset, box.strides, output, 0, denseStrides(shape), shape);
    return [output];
  },
};

export const place: OpDefinition<"place"> = {
  documentation:
    "Places a tensor in zeros: `before` elements ahead, `step - 1` zeros between, up to `shape`.",
  infer: ({ before, step, shape }, inputs) => {
    const [input] = inputs;
    invariant(inputs.length === 1 && input !== undefined, "place takes one input");
    const rank = input.shape.length;
    invariant(
      before.length === rank && step.length === rank && shape.length === rank,
      "a place of another rank",
    );
    checkPositive(step, "the step of place");
    checkShape(shape);
    for (const [axis, size] of input.shape.entries()) {
      const first = before[axis]!;
      const last = first + (size - 1) * step[axis]!;
      const isInside = Number.isInteger(first) && first >= 0 && last < shape[axis]!;
      invariant(isInside, () => `places up to ${String(last)} in ${String(shape[axis])}`);
    }
    return [{ dataType: input.dataType, shape }];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: ({ builder, attributes: { before, step }, inputs, cotangent }) => {
    const stop = builder.shape(inputs[0]!).map((size, axis) => before[axis]! + (size - 1) * step[axis]! + 1);
    return [() => builder.node("slice", { start: before, stop, step }, [cotangent])];
  },
  evaluate: ({ attributes, inputs, inputTypes }) => {
    const output = new Float64Array(elementCount(attributes.shape));
    const box = boxPlacement(attributes.shape, attributes.before, attributes.step);
    const { shape } = inputTypes[0]!;
    copyStrided(inputs[0]!, 0, denseStrides(shape), output, box.offset, box.strides, shape);
    return [output];
  },
};
