/** `map`: one scalar expression at every position of a shape. */
import type { Expression } from "../../runtime/program/expression.js";
import type { GraphBuilder } from "../ir/builder.js";
import { inputCotangent } from "../ir/derivative.js";
import * as e from "../ir/expressions.js";
import { operationCount } from "../ir/expression-tree.js";
import type { TensorType, ValueId } from "../ir/graph.js";
import { broadcastAxes, elementCount, sameShape } from "../ir/shapes.js";
import { checkExpression, checkOperands, checkShape, domainScope } from "./check-expression.js";
import type { OpDefinition } from "./definition.js";
import { evaluatePointwise } from "./evaluate-pointwise.js";

export const map: OpDefinition<"map"> = {
  documentation: "One scalar expression at every position of a shape; operands broadcast.",
  infer: ({ expression, shape }, inputs) => {
    checkShape(shape);
    checkOperands(inputs, shape);
    checkExpression(expression, domainScope(inputs.length, shape.length));
    return [{ dataType: "f32", shape }];
  },
  flops: ({ expression, shape }) => operationCount(expression) * elementCount(shape),
  inPlace: (_attributes, inputs, [output]) => [sameMemory(inputs, output!)],
  gradient: ({ builder, attributes, inputs, output, cotangent }) => {
    const operands = [...inputs, output, cotangent];
    return inputs.map((_, index) => {
      const flowing = inputCotangent(
        attributes.expression,
        index,
        e.input(inputs.length),
        e.input(inputs.length + 1),
      );
      return flowing === null
        ? null
        : () => cotangentOf(builder, inputs[index]!, flowing, operands, attributes.shape);
    });
  },
  evaluate: ({ attributes, inputs, inputTypes, environment }) => [
    evaluatePointwise(
      attributes.expression,
      inputs.map((data, index) => ({ data, shape: inputTypes[index]!.shape })),
      [],
      attributes.shape,
      { seed: environment.seed, step: environment.variables.step },
    ),
  ],
};

/** Inputs whose elements stand where the output's do. */
export function sameMemory(inputs: readonly TensorType[], output: TensorType): number[] {
  return inputs.flatMap((type, index) => (sameShape(type.shape, output.shape) ? [index] : []));
}

/** An operand that was broadcast gathers the cotangents of all the positions it was read at. */
function cotangentOf(
  builder: GraphBuilder,
  operand: ValueId,
  expression: Expression,
  operands: readonly ValueId[],
  domain: readonly number[],
): ValueId {
  const shape = builder.shape(operand);
  const full = builder.map(expression, operands, domain);
  const axes = broadcastAxes(shape, domain);
  const gathered = axes.length === 0 ? full : builder.reduce("sum", full, axes);
  return builder.reshape(gathered, shape);
}
