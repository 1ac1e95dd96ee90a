/**
 * Operands of pointwise work: constants become part of the expression, equal operands
 * become one, the rest get strides over the domain.
 */
import type { Expression } from "../../runtime/program/expression.js";
import { replaceInputs } from "../ir/expression-tree.js";
import type { DataType } from "../ir/graph.js";
import { broadcastStrides } from "../ir/shapes.js";
import type { SlotId } from "./kernel.js";

/** A graph value as kernels can use it: a number known now, or a slot seen in a shape. */
export type Operand =
  | { readonly kind: "constant"; readonly value: number }
  | {
      readonly kind: "slot";
      readonly slot: SlotId;
      readonly dataType: DataType;
      readonly shape: readonly number[];
    };

export interface BoundOperands {
  readonly slots: readonly SlotId[];
  readonly operands: readonly { readonly dataType: DataType; readonly strides: readonly number[] }[];
  /** The expression over the operands kept. */
  readonly rewrite: (expression: Expression) => Expression;
}

/**
 * @param reserved how many inputs of the expressions come before the first operand: 1 in an
 *   epilogue, whose input 0 is the element just computed
 */
export function bindOperands(
  given: readonly Operand[],
  domain: readonly number[],
  reserved: number,
): BoundOperands {
  const slots: SlotId[] = [];
  const operands: { dataType: DataType; strides: readonly number[] }[] = [];
  const known = new Map<string, number>();
  const replacements = given.map((operand): Expression => {
    if (operand.kind === "constant") return operand;
    const strides = broadcastStrides(operand.shape, domain);
    const key = `${String(operand.slot)}:${strides.join()}`;
    let index = known.get(key);
    if (index === undefined) {
      index = slots.length;
      known.set(key, index);
      slots.push(operand.slot);
      operands.push({ dataType: operand.dataType, strides });
    }
    return { kind: "input", index: index + reserved };
  });
  const rewrite = (expression: Expression): Expression =>
    replaceInputs(expression, (index) =>
      index < reserved ? { kind: "input", index } : replacements[index - reserved]!,
    );
  return { slots, operands, rewrite };
}
