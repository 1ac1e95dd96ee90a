/** Matrix products against a float64 reference, over random shapes and epilogues. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scratchBytes } from "../../compiler/codegen/wasm/module.js";
import type { MatmulKernel } from "../../compiler/select/kernel.js";
import { binary, constant, evaluate, input, unary } from "./support/expression.js";
import { checkKernel, numbers } from "./support/run.js";

function reference(spec: MatmulKernel, inputs: readonly Float32Array[]): number[] {
  const { m, n, k, transposeLeft, transposeRight, epilogue } = spec;
  const [a, b] = [inputs[0]!, inputs[1]!];
  return Array.from({ length: m * n }, (_, index) => {
    const [row, column] = [Math.floor(index / n), index % n];
    let sum = 0;
    for (let depth = 0; depth < k; depth++) {
      const left = a[transposeLeft ? depth * m + row : row * k + depth]!;
      const right = b[transposeRight ? column * k + depth : depth * n + column]!;
      sum += left * right;
    }
    if (!epilogue) return sum;
    return evaluate(epilogue.expression, {
      input: (i) => {
        if (i === 0) return sum;
        const [rowStride, columnStride] = epilogue.operands[i - 1]!.strides;
        return inputs[i + 1]![row * rowStride! + column * columnStride!]!;
      },
    });
  });
}

const epilogues: readonly ((n: number) => MatmulKernel["epilogue"])[] = [
  () => null,
  () => ({
    expression: unary("tanh", binary("add", input(0), input(1))),
    operands: [{ dataType: "f32", strides: [0, 1] }],
  }),
  (n) => ({
    expression: binary(
      "maximum",
      binary("add", binary("multiply", input(0), input(1)), input(2)),
      constant(0),
    ),
    operands: [
      { dataType: "f32", strides: [1, 0] },
      { dataType: "f32", strides: [n, 1] },
    ],
  }),
  () => ({
    expression: binary("subtract", input(0), input(1)),
    operands: [{ dataType: "f32", strides: [1, 3] }],
  }),
];

function check(
  m: number,
  n: number,
  k: number,
  transpose: readonly [boolean, boolean],
  epilogue: number,
): void {
  const spec: MatmulKernel = {
    family: "matmul",
    m,
    n,
    k,
    transposeLeft: transpose[0],
    transposeRight: transpose[1],
    epilogue: epilogues[epilogue]!(n),
  };
  const operands = (spec.epilogue?.operands ?? []).map(({ strides }, index) =>
    numbers((m - 1) * strides[0]! + (n - 1) * strides[1]! + 1, 5 + index),
  );
  const inputs = [numbers(m * k, 1), numbers(k * n, 2), ...operands];
  checkKernel(spec, inputs, [reference(spec, inputs)], { tolerance: 1e-6 * Math.max(1, k / 20) });
}

describe("matmul", () => {
  test("small random shapes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 21 }),
        fc.integer({ min: 1, max: 37 }),
        fc.integer({ min: 1, max: 43 }),
        fc.tuple(fc.boolean(), fc.boolean()),
        fc.integer({ min: 0, max: 3 }),
        check,
      ),
      { seed: 1, numRuns: 150 },
    );
  });

  test.each([
    [33, 130, 601],
    [65, 601, 70],
    [40, 17, 1100],
    [1, 120, 400],
    [8, 66, 515],
  ])("blocks: %i x %i over %i", (m, n, k) => {
    for (const left of [false, true]) for (const right of [false, true]) check(m, n, k, [left, right], 1);
  });

  test("scratch is bounded by the blocks, not by the operands", () => {
    const spec: MatmulKernel = {
      family: "matmul",
      m: 4096,
      n: 4096,
      k: 4096,
      transposeLeft: false,
      transposeRight: true,
      epilogue: null,
    };
    expect(scratchBytes(spec)).toBeLessThan(300_000);
  });
});
