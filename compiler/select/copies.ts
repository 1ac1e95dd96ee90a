/** Transposition, slices, placement and concatenation as strided copies. */
import type { NodeOf } from "../ir/graph.js";
import { denseStrides, elementCount } from "../ir/shapes.js";
import type { CopyKernel } from "./kernel.js";

/** Copies everything as it lies. */
export function wholeCopy(elements: number): CopyKernel {
  return {
    family: "copy",
    outputElements: elements,
    clear: false,
    pieces: [{ shape: [elements], readStrides: [1], readOffset: 0, writeStrides: [1], writeOffset: 0 }],
  };
}

/** Output axis i is input axis order[i]. */
export function transposeCopy(input: readonly number[], order: readonly number[]): CopyKernel {
  const shape = order.map((axis) => input[axis]!);
  const strides = denseStrides(input);
  return {
    family: "copy",
    outputElements: elementCount(shape),
    clear: false,
    pieces: [
      {
        shape,
        readStrides: order.map((axis) => strides[axis]!),
        readOffset: 0,
        writeStrides: denseStrides(shape),
        writeOffset: 0,
      },
    ],
  };
}

export function sliceCopy(
  input: readonly number[],
  output: readonly number[],
  { start, step }: NodeOf<"slice">["attributes"],
): CopyKernel {
  const strides = denseStrides(input);
  return {
    family: "copy",
    outputElements: elementCount(output),
    clear: false,
    pieces: [
      {
        shape: output,
        readStrides: strides.map((stride, axis) => stride * step[axis]!),
        readOffset: dot(start, strides),
        writeStrides: denseStrides(output),
        writeOffset: 0,
      },
    ],
  };
}

export function placeCopy(
  input: readonly number[],
  { before, step, shape }: NodeOf<"place">["attributes"],
): CopyKernel {
  const strides = denseStrides(shape);
  return {
    family: "copy",
    outputElements: elementCount(shape),
    clear: elementCount(input) < elementCount(shape),
    pieces: [
      {
        shape: input,
        readStrides: denseStrides(input),
        readOffset: 0,
        writeStrides: strides.map((stride, axis) => stride * step[axis]!),
        writeOffset: dot(before, strides),
      },
    ],
  };
}

export function concatCopy(
  inputs: readonly (readonly number[])[],
  output: readonly number[],
  axis: number,
): CopyKernel {
  const writeStrides = denseStrides(output);
  let position = 0;
  const pieces = inputs.map((shape) => {
    const piece = {
      shape,
      readStrides: denseStrides(shape),
      readOffset: 0,
      writeStrides,
      writeOffset: position * writeStrides[axis]!,
    };
    position += shape[axis]!;
    return piece;
  });
  return { family: "copy", outputElements: elementCount(output), clear: false, pieces };
}

function dot(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}
