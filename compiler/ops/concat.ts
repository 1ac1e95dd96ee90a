/** `concat`: tensors one after the other along an axis. */
import { invariant } from "../diagnostics/invariant.js";
import type { TensorType } from "../ir/graph.js";
import { denseStrides, elementCount, sameShape } from "../ir/shapes.js";
import { copyStrided } from "./copies.js";
import { neverInPlace, noFlops, type OpDefinition } from "./definition.js";

export const concat: OpDefinition<"concat"> = {
  documentation: "Tensors one after the other along an axis.",
  infer: ({ axis }, inputs) => {
    const [first] = inputs;
    invariant(first !== undefined, "concat takes at least one input");
    invariant(
      Number.isInteger(axis) && axis >= 0 && axis < first.shape.length,
      () => `concat along axis ${String(axis)}`,
    );
    const withSize = (shape: readonly number[], size: number): readonly number[] =>
      shape.map((old, index) => (index === axis ? size : old));
    for (const { dataType, shape } of inputs) {
      const fits = dataType === first.dataType && sameShape(withSize(shape, 1), withSize(first.shape, 1));
      invariant(
        fits,
        () => `concat of [${shape.join()}] and [${first.shape.join()}] along axis ${String(axis)}`,
      );
    }
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [{ dataType: first.dataType, shape: withSize(first.shape, total) }];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: ({ builder, attributes: { axis }, inputs, cotangent }) => {
    const types = inputs.map((input) => builder.type(input));
    const starts = startsAlong(types, axis);
    return inputs.map((_, index) => {
      const { shape } = types[index]!;
      const start = shape.map((_size, at) => (at === axis ? starts[index]! : 0));
      const stop = shape.map((size, at) => start[at]! + size);
      return () => builder.node("slice", { start, stop, step: shape.map(() => 1) }, [cotangent]);
    });
  },
  evaluate: ({ attributes: { axis }, inputs, inputTypes, outputTypes }) => {
    const { shape: outputShape } = outputTypes[0]!;
    const output = new Float64Array(elementCount(outputShape));
    const strides = denseStrides(outputShape);
    const starts = startsAlong(inputTypes, axis);
    for (const [index, data] of inputs.entries()) {
      const { shape } = inputTypes[index]!;
      copyStrided(data, 0, denseStrides(shape), output, starts[index]! * strides[axis]!, strides, shape);
    }
    return [output];
  },
};

/** Where each tensor begins along the axis. */
function startsAlong(types: readonly TensorType[], axis: number): number[] {
  let next = 0;
  return types.map(({ shape }) => {
    const start = next;
    next += shape[axis]!;
    return start;
  });
}
