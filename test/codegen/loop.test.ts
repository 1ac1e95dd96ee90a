/** Fused loops against a float64 reference: pointwise, reductions of all axes, broadcasts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoopKernel } from "../../compiler/select/kernel.js";
import type { Expression } from "../../runtime/program/expression.js";
import { binary, constant, coordinate, evaluate, input, reduced, unary } from "./support/expression.js";
import { checkKernel, numbers, runKernel, type Elements } from "./support/run.js";

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

/** Row-major strides. */
function stridesOf(sizes: readonly number[]): number[] {
  return sizes.map((_, axis) => product(sizes.slice(axis + 1)));
}

function positionOf(index: number, sizes: readonly number[]): number[] {
  return stridesOf(sizes).map((stride, axis) => Math.floor(index / stride) % sizes[axis]!);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function reference(spec: LoopKernel, inputs: readonly Elements[]): number[][] {
  const { domain, reducedAxes } = spec;
  const keptSizes = domain.map((size, axis) => (reducedAxes.includes(axis) ? 1 : size));
  const reducedSizes = domain.map((size, axis) => (reducedAxes.includes(axis) ? size : 1));
  const domainStrides = stridesOf(domain);
  const outputs = spec.outputs.map(
    ({ over }) => new Array<number>(product(over === "domain" ? domain : keptSizes)),
  );
  for (let row = 0; row < product(keptSizes); row++) {
    const kept = positionOf(row, keptSizes);
    const results: number[] = [];
    const at = (expression: Expression, position: readonly number[]): number =>
      evaluate(expression, {
        input: (index) => inputs[index]![dot(position, spec.operands[index]!.strides)]!,
        reduced: (index) => results[index]!,
        coordinate: (axis) => position[axis]!,
      });
    const positions = Array.from({ length: product(reducedSizes) }, (_, index) =>
      positionOf(index, reducedSizes).map((value, axis) => value + kept[axis]!),
    );
    for (const { combine, expression } of spec.reductions) {
      const values = positions.map((position) => at(expression, position));
      results.push(
        combine === "sum"
          ? values.reduce((sum, value) => sum + value, 0)
          : values.reduce((largest, value) => Math.max(largest, value), -Infinity),
      );
    }
    for (const [index, { expression, over }] of spec.outputs.entries()) {
      if (over === "kept") outputs[index]![row] = at(expression, kept);
      else
        for (const position of positions)
          outputs[index]![dot(position, domainStrides)] = at(expression, position);
    }
  }
  return outputs;
}

type Operand = LoopKernel["operands"][number];

function makeInputs(spec: LoopKernel): Elements[] {
  return spec.operands.map(({ dataType, strides }, index) => {
    const length = 1 + spec.domain.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, 0);
    const values = numbers(length, 3 + index);
    return dataType === "i32" ? Int32Array.from(values, (value) => Math.round(value * 50)) : values;
  });
}

function check(spec: LoopKernel, tolerance = 2e-6): void {
  const inputs = makeInputs(spec);
  checkKernel(spec, inputs, reference(spec, inputs), { tolerance });
}

/** Operands over a domain: dense, broadcast along some axes, or dense in another order of axes. */
const operandOf = (domain: readonly number[]): fc.Arbitrary<Operand> =>
  fc
    .tuple(
      fc.constantFrom<Operand["dataType"]>("f32", "f32", "i32"),
      fc.array(fc.boolean(), { minLength: domain.length, maxLength: domain.length }),
      fc.shuffledSubarray([...domain.keys()], { minLength: domain.length }),
      fc.boolean(),
    )
    .map(([dataType, broadcast, order, permuted]) => {
      const sizes = domain.map((size, axis) => (broadcast[axis]! && axis % 2 === 0 ? 1 : size));
      const axes = permuted ? order : [...domain.keys()];
      const strides = new Array<number>(domain.length).fill(0);
      let stride = 1;
      for (const axis of axes.toReversed()) {
        if (sizes[axis]! === 1) continue;
        strides[axis] = stride;
        stride *= sizes[axis]!;
      }
      return { dataType, strides };
    });

const loops: fc.Arbitrary<LoopKernel> = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
  .chain((domain) =>
    fc.record({
      family: fc.constant("loop" as const),
      domain: fc.constant(domain),
      reducedAxes: fc.subarray([...domain.keys()]),
      operands: fc.tuple(operandOf(domain), operandOf(domain)),
      variant: fc.integer({ min: 0, max: 3 }),
    }),
  )
  .map(({ variant, ...loop }): LoopKernel => {
    const isReduction = loop.reducedAxes.length > 0;
    const mixed = binary("add", binary("multiply", input(0), constant(0.5)), input(1));
    const where = binary("multiply", input(0), coordinate(loop.domain.length - 1));
    if (!isReduction) {
      const first = binary("subtract", mixed, where);
      const outputs = [first, unary("abs", first)].map((expression) => ({
        expression,
        over: "domain" as const,
      }));
      return { ...loop, reductions: [], outputs: outputs.slice(0, 1 + (variant % 2)) };
    }
    const reductions = [
      { combine: "maximum" as const, expression: mixed },
      { combine: "sum" as const, expression: where },
      {
        combine: "sum" as const,
        expression: binary("multiply", binary("subtract", mixed, reduced(0)), input(1)),
      },
    ];
    const outputs = [
      { expression: binary("add", reduced(2), reduced(1)), over: "kept" as const },
      { expression: binary("subtract", input(0), reduced(0)), over: "domain" as const },
    ];
    return {
      ...loop,
      reductions,
      outputs: variant === 0 ? outputs : outputs.slice(variant % 2, 1 + (variant % 2)),
    };
  });

const dense = (domain: readonly number[]): Operand => ({ dataType: "f32", strides: stridesOf(domain) });

function softmax(domain: readonly number[], axis: number): LoopKernel {
  const shifted = unary("exp", binary("subtract", input(0), reduced(0)));
  return {
    family: "loop",
    domain,
    reducedAxes: [axis],
    operands: [dense(domain)],
    reductions: [
      { combine: "maximum", expression: input(0) },
      { combine: "sum", expression: shifted },
    ],
    outputs: [{ expression: binary("divide", shifted, reduced(1)), over: "domain" }],
  };
}

function sumOver(domain: readonly number[], reducedAxes: readonly number[]): LoopKernel {
  return {
    family: "loop",
    domain,
    reducedAxes,
    operands: [dense(domain)],
    reductions: [{ combine: "sum", expression: input(0) }],
    outputs: [{ expression: reduced(0), over: "kept" }],
  };
}

describe("loop", () => {
  test("random loops", () => {
    fc.assert(
      fc.property(loops, (spec) => {
        check(spec, 1e-5);
      }),
      { seed: 2, numRuns: 250 },
    );
  });

  test.each([
    [[32, 10], 1],
    [[7, 33, 5], 1],
    [[3, 4, 1000], 2],
  ])("softmax over %j along %i", (domain, axis) => {
    check(softmax(domain, axis));
  });

  test.each([
    [[32, 120], [0]],
    [
      [4, 6, 28, 28],
      [0, 2, 3],
    ],
    [[50000], [0]],
    [[8192, 3], [0]],
    [
      [3, 5, 7],
      [0, 1, 2],
    ],
    [[2, 100000], [0]],
  ])("sum of %j over %j", (domain, axes) => {
    check(sumOver(domain, axes), 1e-5);
  });

  test("in place", () => {
    const domain = [5, 37];
    const spec: LoopKernel = {
      family: "loop",
      domain,
      reducedAxes: [],
      operands: [dense(domain), { dataType: "f32", strides: [1, 0] }],
      reductions: [],
      outputs: [
        { expression: binary("add", input(0), input(1)), over: "domain" },
        { expression: binary("subtract", input(0), input(1)), over: "domain" },
      ],
    };
    const inputs = makeInputs(spec);
    checkKernel(spec, inputs, reference(spec, inputs), { inPlace: { 0: 0 } });
  });

  test("softmax in place", () => {
    const spec = softmax([6, 11], 1);
    const inputs = makeInputs(spec);
    checkKernel(spec, inputs, reference(spec, inputs), { inPlace: { 0: 0 } });
  });

  test("a NaN reaches sums and maxima", () => {
    const spec: LoopKernel = {
      family: "loop",
      domain: [2, 9],
      reducedAxes: [1],
      operands: [dense([2, 9])],
      reductions: [
        { combine: "maximum", expression: input(0) },
        { combine: "sum", expression: input(0) },
      ],
      outputs: [
        { expression: reduced(0), over: "kept" },
        { expression: reduced(1), over: "kept" },
      ],
    };
    const values = numbers(18, 4);
    values[3] = NaN;
    const outputs = runKernel(spec, [values], [2, 2]);
    for (const output of outputs) {
      expect(output[0]).toBeNaN();
      expect(output[1]).not.toBeNaN();
    }
  });
});
