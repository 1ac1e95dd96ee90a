/** Ops that bring values into a graph. None of them has inputs, costs anything, or passes a cotangent on. */
import { evaluateScalar } from "../../runtime/program/evaluate-expression.js";
import { invariant } from "../diagnostics/invariant.js";
import type { TensorType } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { checkExpression, checkShape } from "./check-expression.js";
import { neverInPlace, noFlops, noGradient, type OpDefinition } from "./definition.js";

const scalarType: TensorType = { dataType: "f32", shape: [] };

export const input: OpDefinition<"input"> = {
  documentation: "A tensor that the host writes before a call.",
  infer: ({ name, type, limit }) => {
    invariant(name !== "", "an input without a name");
    invariant(limit === null || type.dataType === "i32", () => `${name}: only integers have a limit`);
    checkShape(type.shape);
    return [type];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: noGradient,
  evaluate: ({ attributes, environment }) => [given(environment.inputs, attributes.name, attributes.type)],
};

export const buffer: OpDefinition<"buffer"> = {
  documentation: "The content of a persistent buffer before this call's updates.",
  infer: ({ name, type }) => {
    invariant(name !== "", "a buffer without a name");
    checkShape(type.shape);
    return [type];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: noGradient,
  evaluate: ({ attributes, environment }) => [given(environment.buffers, attributes.name, attributes.type)],
};

export const scalar: OpDefinition<"scalar"> = {
  documentation: "A number that the runtime computes before each call, such as the learning rate.",
  infer: ({ expression }) => {
    checkExpression(expression, {
      inputs: 0,
      reduced: 0,
      rank: 0,
      hiddenAxes: [],
      allowsRandom: false,
      allowsVariables: true,
    });
    return [scalarType];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: noGradient,
  evaluate: ({ attributes, environment }) => [
    Float64Array.of(evaluateScalar(attributes.expression, environment.variables)),
  ],
};

export const constant: OpDefinition<"constant"> = {
  documentation: "A number known when compiling.",
  infer: ({ value }) => {
    invariant(Number.isFinite(value), () => `the constant ${String(value)} is not finite`);
    return [scalarType];
  },
  flops: noFlops,
  inPlace: neverInPlace,
  gradient: noGradient,
  evaluate: ({ attributes }) => [Float64Array.of(attributes.value)],
};

function given(
  tensors: ReadonlyMap<string, ArrayLike<number>>,
  name: string,
  { shape }: TensorType,
): Float64Array {
  const values = tensors.get(name);
  invariant(values !== undefined, () => `no values for ${name}`);
  invariant(
    values.length === elementCount(shape),
    () => `${name} has ${String(values.length)} values, not [${shape.join()}]`,
  );
  return Float64Array.from(values);
}
