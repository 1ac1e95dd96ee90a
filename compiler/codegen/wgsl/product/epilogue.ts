/** What is done to an element of a product before it is stored. */
import type { KernelEpilogue } from "../../../select/kernel.js";
import { compileExpressions } from "../expression.js";
import type { DispatchOperand, OperandAccess } from "../kernel-code.js";

/** The operands that storing touches: the epilogue's, from `first` on, and the output. */
export function storingOperands(
  epilogue: KernelEpilogue | null,
  first: number,
  output: number,
): DispatchOperand[] {
  return [
    ...(epilogue?.operands ?? []).map(({ dataType }, index): DispatchOperand => ({
      operand: first + index,
      access: "read",
      dataType,
      width: 1,
    })),
    { operand: output, access: "write", dataType: "f32", width: 1 },
  ];
}

/**
 * Statements that store `value`, changed by the epilogue.
 * @param coordinates u32 names, one per axis of the output
 * @param index the element of the output
 */
export function storeWithEpilogue(
  epilogue: KernelEpilogue | null,
  access: OperandAccess,
  at: {
    readonly first: number;
    readonly output: number;
    readonly coordinates: readonly string[];
    readonly index: string;
  },
): string[] {
  if (epilogue === null) return [access.write(at.output, at.index, "value")];
  const { statements, results } = compileExpressions(
    [epilogue.expression],
    {
      input: (index) => {
        if (index === 0) return "value";
        const { strides, dataType } = epilogue.operands[index - 1]!;
        const terms = strides.flatMap((stride, axis) => {
          const name = at.coordinates[axis]!;
          if (stride === 0) return [];
          return [stride === 1 ? name : `${name} * ${String(stride)}u`];
        });
        const value = access.read(at.first + index - 1, terms.length === 0 ? "0u" : terms.join(" + "));
        return dataType === "f32" ? value : `f32(${value})`;
      },
      reduced: () => "0.0",
      coordinate: (axis) => `f32(${at.coordinates[axis]!})`,
      random: () => "0.0",
    },
    1,
  );
  return [...statements, access.write(at.output, at.index, results[0]!)];
}
