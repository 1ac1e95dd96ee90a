/** `loop`: pointwise work and reductions over one domain, made by fusion after gradients are taken. */
import { invariant } from "../diagnostics/invariant.js";
import { inputsOf, operationCount } from "../ir/expression-tree.js";
import type { LoopAttributes, LoopOutput, TensorType } from "../ir/graph.js";
import { elementCount, keptShape } from "../ir/shapes.js";
import { checkAxes, checkExpression, checkOperands, checkShape, domainScope } from "./check-expression.js";
import type { OpDefinition } from "./definition.js";
import { evaluatePointwise, evaluateReduction, type PointwiseOperand } from "./evaluate-pointwise.js";
import { sameMemory } from "./map.js";

export const loop: OpDefinition<"loop"> = {
  documentation: "Fused pointwise work and reductions over one domain.",
  infer: (attributes, inputs) => {
    const { domain, reducedAxes, reductions, outputs } = attributes;
    checkShape(domain);
    checkAxes(reducedAxes, domain.length);
    checkOperands(inputs, domain);
    invariant(outputs.length > 0, "a loop without outputs");
    invariant(reducedAxes.length > 0 || reductions.length === 0, "reductions over no axis");
    for (const [index, { expression }] of reductions.entries()) {
      checkExpression(expression, domainScope(inputs.length, domain.length, index));
    }
    for (const output of outputs) checkOutput(attributes, output, inputs);
    return outputs.map((output) => ({ dataType: "f32", shape: outputShape(attributes, output) }));
  },
  flops: ({ domain, reducedAxes, reductions, outputs }) => {
    const positions = elementCount(domain);
    const rows = elementCount(keptShape(domain, reducedAxes));
    return [
      ...reductions.map(({ expression }) => (operationCount(expression) + 1) * positions),
      ...outputs.map(
        ({ expression, over }) => operationCount(expression) * (over === "domain" ? positions : rows),
      ),
    ].reduce((sum, flops) => sum + flops, 0);
  },
  inPlace: ({ outputs, reducedAxes }, inputs, types) =>
    outputs.map((output, index) => {
      const candidates = sameMemory(inputs, types[index]!);
      if (output.over === "domain" || reducedAxes.length === 0) return candidates;
      // A row's result may be stored before the row's positions are written.
      const readLater = outputs.flatMap((other) =>
        other.over === "domain" ? inputsOf(other.expression) : [],
      );
      return candidates.filter((input) => !readLater.includes(input));
    }),
  gradient: () => invariantNoGradient(),
  evaluate: ({ attributes, inputs, inputTypes, environment }) => {
    const { domain, reducedAxes, reductions, outputs } = attributes;
    const random = { seed: environment.seed, step: environment.variables.step };
    const operands = inputs.map((data, index) => ({ data, shape: inputTypes[index]!.shape }));
    const kept = keptShape(domain, reducedAxes);
    const reduced: PointwiseOperand[] = [];
    for (const { expression, combine } of reductions) {
      const values = evaluatePointwise(expression, operands, reduced, domain, random);
      reduced.push({ data: evaluateReduction(values, domain, kept, combine), shape: kept });
    }
    return outputs.map((output) =>
      evaluatePointwise(output.expression, operands, reduced, outputShape(attributes, output), random),
    );
  },
};

function outputShape({ domain, reducedAxes }: LoopAttributes, { over }: LoopOutput): readonly number[] {
  return over === "domain" ? domain : keptShape(domain, reducedAxes);
}

function checkOutput(
  { domain, reducedAxes, reductions }: LoopAttributes,
  { expression, over }: LoopOutput,
  inputs: readonly TensorType[],
): void {
  const scope = domainScope(inputs.length, domain.length, reductions.length);
  if (over === "domain") return checkExpression(expression, scope);
  checkExpression(expression, {
    ...scope,
    hiddenAxes: reducedAxes,
    allowsRandom: reducedAxes.length === 0,
  });
  const kept = keptShape(domain, reducedAxes);
  checkOperands(
    inputsOf(expression).map((index) => inputs[index]!),
    kept,
  );
}

function invariantNoGradient(): never {
  invariant(false, "the gradient of a loop: gradients are taken before fusion");
}
