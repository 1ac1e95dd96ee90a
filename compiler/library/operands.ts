/**
 * Operands that may be plain numbers: `bce_with_logits(x, 1)`, `1 - x`. A number stands
 * among the settings under the operand's name, and is missing among the inputs.
 */
import * as scalar from "./expressions.js";
import type { Expression } from "../../runtime/program/expression.js";
import { invariant } from "../diagnostics/invariant.js";
import type { GraphBuilder } from "../ir/builder.js";
import type { ValueId } from "../ir/graph.js";
import type { SettingValues } from "./settings.js";

export type Operand<T> =
  { readonly kind: "tensor"; readonly tensor: T } | { readonly kind: "number"; readonly number: number };

/** The operands in the order of their names, numbers put where they belong. */
export function operandsOf<T>(
  names: readonly string[],
  inputs: readonly T[],
  settings: SettingValues,
): readonly Operand<T>[] {
  let next = 0;
  return names.map((name) => {
    const number = settings[name];
    if (typeof number === "number") return { kind: "number", number };
    invariant(next < inputs.length, `the operand ${name} is missing`);
    return { kind: "tensor", tensor: inputs[next++]! };
  });
}

/** One map over operands of one shape; numbers become constants of its expression. */
export function mapOperands(
  builder: GraphBuilder,
  operands: readonly Operand<ValueId>[],
  formula: (...arguments_: readonly Expression[]) => Expression,
): ValueId {
  const tensors: ValueId[] = [];
  const expressions = operands.map((operand) => {
    if (operand.kind === "number") return scalar.constant(operand.number);
    tensors.push(operand.tensor);
    return scalar.input(tensors.length - 1);
  });
  return builder.map(formula(...expressions), tensors);
}
