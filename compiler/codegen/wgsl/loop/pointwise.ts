/**
 * Loops without reductions: one invocation computes one position, or four neighbouring ones
 * where every operand is read so.
 */
import type { LoopKernel } from "../../../select/kernel.js";
import type { NormalAxis } from "../../loop/normal-axes.js";
import { compileExpressions } from "../expression.js";
import type { DispatchOperand, OperandAccess, WgslDispatch } from "../kernel-code.js";
import { overInvocations } from "../invocations.js";
import { coordinateAlong, coordinatesOf, indexOf } from "./positions.js";

export function pointwiseDispatch(spec: LoopKernel, axes: readonly NormalAxis[]): WgslDispatch {
  const width = widthOf(spec, axes);
  const last = axes.length - 1;
  const positions = axes.reduce((product, { size }) => product * size, 1) / width;
  // Positions are counted in groups of `width` along the last axis.
  const grouped = axes.map((axis, index) => (index === last ? { ...axis, size: axis.size / width } : axis));
  const operands: DispatchOperand[] = [
    ...spec.operands.map(({ dataType }, operand): DispatchOperand => ({
      operand,
      access: "read",
      dataType,
      width: axes[last]!.operandStrides[operand] === 0 ? 1 : width,
    })),
    ...spec.outputs.map((_, index): DispatchOperand => ({
      operand: spec.operands.length + index,
      access: "write",
      dataType: "f32",
      width,
    })),
  ];
  const { workgroups, entry } = overInvocations(positions);
  return { operands, workgroups, write: (access) => entry("position", body(access)) };

  function body(access: OperandAccess): readonly string[] {
    const coordinates = coordinatesOf("position", grouped, "c");
    const steps = (stride: (axis: NormalAxis) => number) =>
      indexOf([coordinates], (axis) =>
        // Groups of four lie along the last axis, and everything else in multiples of four.
        width === 1 || axis === grouped[last] ? stride(axis) : stride(axis) / width,
      );
    const index = (operand: number) =>
      axes[last]!.operandStrides[operand] === 0
        ? indexOf([coordinates], (axis) => axis.operandStrides[operand]!)
        : steps((axis) => axis.operandStrides[operand]!);
    const { statements, results } = compileExpressions(
      spec.outputs.map(({ expression }) => expression),
      {
        input: (operand) => {
          const value = access.read(operand, index(operand));
          const isOne = width === 4 && axes[last]!.operandStrides[operand] === 0;
          if (isOne) return `vec4<f32>(f32(${value}))`;
          if (spec.operands[operand]!.dataType === "f32") return value;
          return width === 4 ? `vec4<f32>(${value})` : `f32(${value})`;
        },
        reduced: () => "0.0",
        coordinate: (axis) => {
          const name = coordinateAlong([coordinates], axis);
          const isLast = axes[last]!.coordinate === axis;
          if (width === 1) return `f32(${name})`;
          return isLast
            ? `vec4<f32>(vec4<u32>(4u * ${name}) + vec4<u32>(0u, 1u, 2u, 3u))`
            : `vec4<f32>(f32(${name}))`;
        },
        random: (stream, offset) => {
          const element = `${indexOf([coordinates], (axis) =>
            axis === grouped[last] ? axis.domainStride * width : axis.domainStride,
          )} + ${String(offset)}u`;
          const call = (lane: number) => `random(${element} + ${String(lane)}u, ${String(stream >>> 0)}u)`;
          return width === 1 ? call(0) : `vec4<f32>(${[0, 1, 2, 3].map(call).join(", ")})`;
        },
      },
      width,
    );
    const writes = results.map((result, output) =>
      access.write(
        spec.operands.length + output,
        steps((axis) => axis.domainStride),
        result,
      ),
    );
    return [...coordinates.statements, ...statements, ...writes];
  }
}

/** 4 where all operands can be read four neighbours at a time, from multiples of four on. */
function widthOf(spec: LoopKernel, axes: readonly NormalAxis[]): 1 | 4 {
  const last = axes.at(-1)!;
  if (last.size % 4 !== 0 || last.domainStride !== 1) return 1;
  const others = axes.slice(0, -1);
  const fits = spec.operands.every((_, operand) => {
    const stride = last.operandStrides[operand]!;
    if (stride === 0) return true;
    return stride === 1 && others.every((axis) => axis.operandStrides[operand]! % 4 === 0);
  });
  return fits ? 4 : 1;
}
