/** Epilogues: what products share in checking, costing and evaluating the work done on each element. */
import { input } from "../ir/expressions.js";
import { operationCount } from "../ir/expression-tree.js";
import type { Epilogue, TensorType } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { invariant } from "../diagnostics/invariant.js";
import type { EvaluationContext } from "./definition.js";
import { evaluatePointwise } from "./evaluate-pointwise.js";
import { sameMemory } from "./map.js";

type Product = "matmul" | "conv" | "conv_input_gradient";

/** How many operands every product has of its own, before those of its epilogue. */
export const productOperands = 2;

/** The epilogue that does nothing, to build others on. */
export const plainEpilogue: Epilogue = { expression: input(0) };

export function epilogueFlops(epilogue: Epilogue | null, output: TensorType): number {
  return epilogue === null ? 0 : operationCount(epilogue.expression) * elementCount(output.shape);
}

/** An operand of the epilogue is read just before its element is written; the product's own are not. */
export function epilogueInPlace(inputs: readonly TensorType[], output: TensorType): number[] {
  return sameMemory(inputs, output).filter((index) => index >= productOperands);
}

/** Applies the epilogue to the product, which is given row-major. */
export function evaluateEpilogue(
  product: Float64Array,
  { attributes, inputs, inputTypes, outputTypes, environment }: EvaluationContext<Product>,
): Float64Array {
  if (attributes.epilogue === null) return product;
  const { shape } = outputTypes[0]!;
  const operands = inputs
    .map((data, index) => ({ data, shape: inputTypes[index]!.shape }))
    .slice(productOperands);
  return evaluatePointwise(
    attributes.epilogue.expression,
    [{ data: product, shape }, ...operands],
    [],
    shape,
    {
      seed: environment.seed,
      step: environment.variables.step,
    },
  );
}

export function checkBeforeFusion(epilogue: Epilogue | null): void {
  invariant(epilogue === null, "the gradient of an epilogue: gradients are taken before fusion");
}
