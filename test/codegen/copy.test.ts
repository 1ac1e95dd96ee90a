/** Strided copies against a reference: permutations, slices, placement in zeros, concatenation. */
import fc from "fast-check";
import { describe, test } from "vitest";
import type { CopyKernel } from "../../compiler/select/kernel.js";
import { checkKernel, numbers } from "./support/run.js";

type Piece = CopyKernel["pieces"][number];

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

function stridesOf(sizes: readonly number[]): number[] {
  return sizes.map((_, axis) => product(sizes.slice(axis + 1)));
}

function reference(spec: CopyKernel, inputs: readonly Float32Array[], before: number): number[] {
  const output = new Array<number>(spec.outputElements).fill(spec.clear ? 0 : before);
  for (const [index, piece] of spec.pieces.entries()) {
    const strides = stridesOf(piece.shape);
    for (let element = 0; element < product(piece.shape); element++) {
      const position = piece.shape.map((size, axis) => Math.floor(element / strides[axis]!) % size);
      const offset = (steps: readonly number[]): number =>
        position.reduce((sum, at, axis) => sum + at * steps[axis]!, 0);
      output[piece.writeOffset + offset(piece.writeStrides)] =
        inputs[index]![piece.readOffset + offset(piece.readStrides)]!;
    }
  }
  return output;
}

function check(spec: CopyKernel): void {
  const inputs = spec.pieces.map(({ shape, readStrides, readOffset }, index) =>
    numbers(
      1 + readOffset + shape.reduce((sum, size, axis) => sum + (size - 1) * readStrides[axis]!, 0),
      index + 1,
    ),
  );
  checkKernel(spec, inputs, [reference(spec, inputs, 7)], { initial: 7, tolerance: 0 });
}

const shapes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

describe("copy", () => {
  test("transposition", () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    );
    fc.assert(
      fc.property(cases, ([shape, order]) => {
        const strides = stridesOf(shape);
        const outShape = order.map((axis) => shape[axis]!);
        const piece: Piece = {
          shape: outShape,
          readStrides: order.map((axis) => strides[axis]!),
          readOffset: 0,
          writeStrides: stridesOf(outShape),
          writeOffset: 0,
        };
        check({ family: "copy", outputElements: product(shape), clear: false, pieces: [piece] });
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  test("slices, and their placement in zeros", () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 7 }),
      before: fc.integer({ min: 0, max: 3 }),
      step: fc.integer({ min: 1, max: 3 }),
      after: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), (axes) => {
        const small = axes.map(({ size }) => size);
        const large = axes.map(({ size, before, step, after }) => before + (size - 1) * step + 1 + after);
        const strides = stridesOf(large);
        const offset = axes.reduce((sum, { before }, index) => sum + before * strides[index]!, 0);
        const spread = axes.map(({ step }, index) => step * strides[index]!);
        const dense = stridesOf(small);
        const common = { shape: small };
        const slice = {
          ...common,
          readStrides: spread,
          readOffset: offset,
          writeStrides: dense,
          writeOffset: 0,
        };
        const place = {
          ...common,
          readStrides: dense,
          readOffset: 0,
          writeStrides: spread,
          writeOffset: offset,
        };
        check({ family: "copy", outputElements: product(small), clear: false, pieces: [slice] });
        check({ family: "copy", outputElements: product(large), clear: true, pieces: [place] });
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  test("concatenation, with and without clearing", () => {
    const sizes = [3, 1, 6];
    const [rows, columns, width] = [4, 5, 10];
    const pieces = sizes.map((size, index): Piece => {
      const before = sizes.slice(0, index).reduce((sum, other) => sum + other, 0);
      return {
        shape: [rows, size, columns],
        readStrides: [size * columns, columns, 1],
        readOffset: 0,
        writeStrides: [width * columns, columns, 1],
        writeOffset: before * columns,
      };
    });
    const outputElements = rows * width * columns;
    check({ family: "copy", outputElements, clear: false, pieces });
    check({ family: "copy", outputElements: outputElements + 3, clear: true, pieces: pieces.slice(1) });
  });
});
