/**
 * Strided copies: a dispatch for every piece, and one before them that clears the output.
 */
import type { CopyKernel } from "../../select/kernel.js";
import { overInvocations } from "./invocations.js";
import type { DispatchOperand, WgslDispatch, WgslKernel } from "./kernel-code.js";

export function copy(spec: CopyKernel): WgslKernel {
  const output = spec.pieces.length;
  const clear = spec.clear ? [clearing(spec.outputElements, output)] : [];
  return {
    inputs: spec.pieces.length,
    outputs: 1,
    scratchBytes: 0,
    flops: 0,
    dispatches: [...clear, ...spec.pieces.map((piece, input) => copying(piece, input, output))],
  };
}

function clearing(elements: number, output: number): WgslDispatch {
  const { workgroups, entry } = overInvocations(elements);
  return {
    operands: [operandOf(output, "write")],
    workgroups,
    write: (access) => entry("position", [access.write(output, "position", "0.0")]),
  };
}

function copying(piece: CopyKernel["pieces"][number], input: number, output: number): WgslDispatch {
  const { workgroups, entry } = overInvocations(piece.shape.reduce((product, size) => product * size, 1));
  return {
    operands: [operandOf(input, "read"), operandOf(output, "write")],
    workgroups,
    write: (access) => {
      const { statements, names } = takeApart("position", piece.shape);
      const from = sumOf(names, piece.readStrides, piece.readOffset);
      const to = sumOf(names, piece.writeStrides, piece.writeOffset);
      return entry("position", [...statements, access.write(output, to, access.read(input, from))]);
    },
  };
}

function operandOf(operand: number, access: "read" | "write"): DispatchOperand {
  return { operand, access, dataType: "f32", width: 1 };
}

/** Statements that name the coordinates of a row-major number; axes of size 1 have none. */
export function takeApart(number: string, shape: readonly number[]) {
  const statements: string[] = [];
  const names: (string | null)[] = shape.map(() => null);
  const axes = shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  let rest = number;
  for (const [index, axis] of [...axes.entries()].toReversed()) {
    names[axis] = `c${String(axis)}`;
    if (index === 0) statements.push(`let c${String(axis)} = ${rest};`);
    else {
      statements.push(`let c${String(axis)} = ${rest} % ${String(shape[axis]!)}u;`);
      statements.push(`let r${String(axis)} = ${rest} / ${String(shape[axis]!)}u;`);
      rest = `r${String(axis)}`;
    }
  }
  return { statements, names };
}

function sumOf(names: readonly (string | null)[], strides: readonly number[], offset: number): string {
  const terms = names.flatMap((name, axis) => {
    const stride = strides[axis]!;
    if (name === null || stride === 0) return [];
    return [stride === 1 ? name : `${name} * ${String(stride)}u`];
  });
  if (offset !== 0) terms.push(`${String(offset)}u`);
  return terms.length === 0 ? "0u" : terms.join(" + ");
}
