/** Selection: which kernel each op becomes, and what its spec says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, ValueId } from "../../compiler/ir/graph.js";
import { describeLoop } from "../../compiler/select/describe.js";
import { selectCpu } from "../../compiler/select/cpu.js";
import type { Expression } from "../../runtime/program/expression.js";
import type { CopyKernel, KernelGraph, KernelSpec } from "../../compiler/select/kernel.js";
import { overwrites } from "../../compiler/select/overwrites.js";

function graphOf(build: (b: GraphBuilder) => ValueId): Graph {
  const b = createGraphBuilder();
  const value = build(b);
  return b.finish("test", [{ name: "y", value }], []);
}

function select(build: (b: GraphBuilder) => ValueId): KernelGraph {
  return selectCpu(graphOf(build));
}

/** The only kernel that is selected. */
function kernelOf(build: (b: GraphBuilder) => ValueId): KernelSpec {
  const { calls } = select(build);
  expect(calls.length).toBe(1);
  return calls[0]!.kernel;
}

const input = (b: GraphBuilder, name: string, shape: readonly number[]) =>
  b.input(name, { dataType: "f32", shape });

describe("selection for the CPU", () => {
  it("makes one call per computation, in order, and names values uniquely", () => {
    const { calls, slots } = select((b) => b.unary("tanh", b.unary("exp", input(b, "x", [4]))));
    expect(calls.map((call) => call.description)).toEqual(["exp", "tanh"]);
    expect(new Set(slots.map((slot) => slot.name)).size).toBe(slots.length);
    expect(slots.map((slot) => slot.id)).toEqual([0, 1, 2]);
  });

  it("sees a reshape and a detach as the same slot", () => {
    const { calls, slots, outputs } = select((b) => b.detach(b.reshape(input(b, "x", [4, 6]), [2, 12])));
    expect(calls).toEqual([]);
    expect(slots.length).toBe(1);
    expect(outputs).toEqual([{ name: "y", slot: 0, shape: [2, 12] }]);
  });

  it("reads a buffer, an input and a scalar through one slot each", () => {
    const { slots, calls } = select((b) => {
      const weight = b.buffer("w", { dataType: "f32", shape: [4] });
      const rate = b.scalar("rate", e.constant(2));
      return b.multiply(b.add(weight, input(b, "x", [4])), b.multiply(weight, rate));
    });
    expect(slots.slice(0, 4).map((slot) => slot.storage.kind)).toEqual([
      "persistent",
      "scalar",
      "input",
      "transient",
    ]);
    expect(calls.length).toBe(3);
  });

  it("folds constants into expressions and merges equal operands", () => {
    const kernel = kernelOf((b) => {
      const x = input(b, "x", [4]);
      return b.node(
        "map",
        { expression: e.add(e.multiply(e.input(0), e.input(1)), e.input(2)), shape: [4] },
        [x, b.constant(3), x],
      );
    });
    expect(kernel).toMatchObject({
      operands: [{ strides: [1] }],
      outputs: [{ expression: e.add(e.multiply(e.input(0), e.constant(3)), e.input(0)) }],
    });
  });

  it("fills a constant that something needs in memory", () => {
    const { calls, outputs, slots } = select((b) => b.reshape(b.constant(2.5), [1, 1]));
    expect(calls.map((call) => call.description)).toEqual(["fill 2.5"]);
    expect(slots[outputs[0]!.slot]!.shape).toEqual([1, 1]);
  });

  it("gives operands strides over the domain, 0 where they broadcast", () => {
    const kernel = kernelOf((b) => b.add(input(b, "x", [2, 3, 4]), input(b, "bias", [1, 3, 1])));
    expect(kernel).toMatchObject({
      family: "loop",
      domain: [2, 3, 4],
      operands: [{ strides: [12, 4, 1] }, { strides: [0, 1, 0] }],
    });
  });

  it("makes a reduction a loop over the operand", () => {
    expect(kernelOf((b) => b.reduce("maximum", input(b, "x", [2, 3]), [1]))).toMatchObject({
      family: "loop",
      domain: [2, 3],
      reducedAxes: [1],
      reductions: [{ combine: "maximum", expression: e.input(0) }],
      outputs: [{ expression: e.reduced(0), over: "kept" }],
    });
  });

  it("takes sizes of a product from its operands, transposed or not", () => {
    const shapes = { left: [3, 5], right: [5, 7] };
    for (const [transposeLeft, transposeRight] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const turn = (shape: readonly number[], turned: boolean) => (turned ? shape.toReversed() : shape);
      const kernel = kernelOf((b) =>
        b.node("matmul", { transposeLeft, transposeRight, epilogue: null }, [
          input(b, "left", turn(shapes.left, transposeLeft)),
          input(b, "right", turn(shapes.right, transposeRight)),
        ]),
      );
      expect(kernel).toEqual({
        family: "matmul",
        m: 3,
        n: 7,
        k: 5,
        transposeLeft,
        transposeRight,
        epilogue: null,
      });
    }
  });

  it("describes an epilogue and gives its operands strides over the output", () => {
    const { calls } = select((b) =>
      b.labelled("fc1", () =>
        b.node(
          "matmul",
          {
            transposeLeft: false,
            transposeRight: false,
            epilogue: { expression: e.unary("tanh", e.add(e.input(0), e.input(1))) },
          },
          [input(b, "x", [2, 3]), input(b, "w", [3, 4]), input(b, "bias", [1, 4])],
        ),
      ),
    );
    expect(calls[0]!.description).toBe("matmul 2x3x4 + bias + tanh (fc1)");
    expect(calls[0]!.kernel).toMatchObject({ epilogue: { operands: [{ strides: [0, 1] }] } });
  });

  it("describes all three convolutions by the forward geometry", () => {
    const attributes = {
      stride: [2, 1],
      pad: [1, 2, 1, 2],
      dilation: [1, 1],
      groups: 2,
    } as const;
    const x = [5, 4, 9, 8];
    const weight = [6, 2, 3, 5];
    const y = [5, 6, 5, 8];
    const geometry = {
      ...attributes,
      batch: 5,
      channels: 4,
      height: 9,
      width: 8,
      outChannels: 6,
      outHeight: 5,
      outWidth: 8,
      size: [3, 5],
    };
    const forward = kernelOf((b) =>
      b.node("conv", { ...attributes, epilogue: null }, [input(b, "x", x), input(b, "w", weight)]),
    );
    const byInput = kernelOf((b) =>
      b.node("conv_input_gradient", { ...attributes, height: 9, width: 8, epilogue: null }, [
        input(b, "y", y),
        input(b, "w", weight),
      ]),
    );
    const byWeight = kernelOf((b) =>
      b.node("conv_weight_gradient", { ...attributes, size: [3, 5] }, [input(b, "x", x), input(b, "y", y)]),
    );
    expect(forward).toEqual({ family: "conv", ...geometry, epilogue: null });
    expect(byInput).toEqual({ family: "conv_input_gradient", ...geometry, epilogue: null });
    expect(byWeight).toEqual({ family: "conv_weight_gradient", ...geometry });
  });

  it("describes pools and their gradients by the forward geometry", () => {
    const window = { size: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: true } as const;
    const geometry = { planes: 6, height: 5, width: 4, outHeight: 3, outWidth: 2 };
    const x = [2, 3, 5, 4];
    const y = [2, 3, 3, 2];
    const count = { countIncludesPad: true };
    expect(kernelOf((b) => b.node("max_pool", window, [input(b, "x", x)]))).toMatchObject({
      family: "max_pool",
      ...geometry,
    });
    expect(
      kernelOf((b) => b.node("max_pool_gradient", window, [input(b, "x", x), input(b, "y", y)])),
    ).toMatchObject({ family: "max_pool_gradient", ...geometry });
    expect(kernelOf((b) => b.node("avg_pool", { ...window, ...count }, [input(b, "x", x)]))).toMatchObject({
      family: "avg_pool",
      ...geometry,
      ...count,
    });
    expect(
      kernelOf((b) =>
        b.node("avg_pool_gradient", { ...window, ...count, height: 5, width: 4 }, [input(b, "y", y)]),
      ),
    ).toMatchObject({ family: "avg_pool_gradient", ...geometry, ...count });
  });
});

describe("descriptions", () => {
  const [x, z] = [e.input(0), e.input(1)];

  it.each<[string, Expression]>([
    ["tanh", e.unary("tanh", x)],
    ["square", e.multiply(x, x)],
    ["relu", e.binary("maximum", x, e.constant(0))],
    ["scale + add + sigmoid", e.unary("sigmoid", e.add(e.multiply(x, e.constant(2)), z))],
    ["add + tanh", e.unary("tanh", e.add(z, x))],
    ["2 operations", e.multiply(e.unary("tanh", x), x)],
    ["1 operation", e.subtract(x, z)],
    ["fill 3", e.constant(3)],
    ["copy", x],
  ])("%s", (words, expression) => {
    expect(describeLoop([], [expression])).toBe(words);
  });

  it("name reductions", () => {
    const sum = [{ combine: "sum", expression: x }];
    expect(describeLoop(sum, [e.reduced(0)])).toBe("sum");
    expect(describeLoop(sum, [e.multiply(e.reduced(0), e.constant(0.1))])).toBe("sum, 1 operation");
  });
});

/** What a copy kernel does, said plainly. */
function runCopy(kernel: CopyKernel, inputs: readonly Float64Array[]): Float64Array {
  const output = new Float64Array(kernel.outputElements).fill(kernel.clear ? 0 : NaN);
  kernel.pieces.forEach(({ shape, readStrides, readOffset, writeStrides, writeOffset }, piece) => {
    const copy = (axis: number, read: number, write: number): void => {
      if (axis === shape.length) output[write] = inputs[piece]![read]!;
      for (let i = 0; axis < shape.length && i < shape[axis]!; i++) {
        copy(axis + 1, read + i * readStrides[axis]!, write + i * writeStrides[axis]!);
      }
    };
    copy(0, readOffset, writeOffset);
  });
  return output;
}

describe("copies", () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const numbers = (count: number, from: number) => Float64Array.from({ length: count }, (_, i) => from + i);

  function expectCopy(build: (b: GraphBuilder, x: ValueId, z: ValueId) => ValueId, shape: readonly number[]) {
    const b = createGraphBuilder();
    const [x, z] = [input(b, "x", shape), input(b, "z", shape)];
    const graph = b.finish("test", [{ name: "y", value: build(b, x, z) }], []);
    const count = shape.reduce((product, size) => product * size, 1);
    const inputs = new Map([
      ["x", numbers(count, 1)],
      ["z", numbers(count, 1000)],
    ]);
    const selected = selectCpu(graph);
    const [call] = selected.calls;
    const kernel = call!.kernel as CopyKernel;
    const given = call!.inputs.map((slot) => inputs.get(selected.slots[slot]!.name.replace("input ", ""))!);
    expect([...runCopy(kernel, given)]).toEqual([...evaluate(graph, { inputs }).outputs.get("y")!]);
  }

  it("transpose, slice, place and concatenate as the evaluator does", () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.nat(100), { minLength: 12, maxLength: 12 }), (shape, choices) => {
        const pick = (axis: number, from: number, below: number) => choices[from + axis]! % below;
        const order = [...shape.keys()].sort((l, r) => choices[l]! - choices[r]! || l - r);
        expectCopy((b, x) => b.node("transpose", { order }, [x]), shape);
        const start = shape.map((size, axis) => pick(axis, 0, size));
        const stop = shape.map((size, axis) => start[axis]! + 1 + pick(axis, 4, size - start[axis]!));
        const step = shape.map((_, axis) => 1 + pick(axis, 8, 3));
        expectCopy((b, x) => b.node("slice", { start, stop, step }, [x]), shape);
        const before = shape.map((_, axis) => pick(axis, 4, 3));
        const placed = shape.map(
          (size, axis) => before[axis]! + (size - 1) * step[axis]! + 1 + pick(axis, 0, 2),
        );
        expectCopy((b, x) => b.node("place", { before, step, shape: placed }, [x]), shape);
        const axis = choices[0]! % shape.length;
        expectCopy((b, x, z) => b.node("concat", { axis }, [x, z, x]), shape);
      }),
      { seed: 3, numRuns: 100 },
    );
  });
});

describe("in-place rules", () => {
  const rows = (b: GraphBuilder, over: "domain" | "kept", expression = e.reduced(0)) => {
    const x = input(b, "x", [3, 4]);
    const row = input(b, "row", [3, 1]);
    const domain = [3, 4];
    const reductions = [{ combine: "sum" as const, expression: e.input(0) }];
    const outputs = [{ expression: e.add(e.input(1), expression), over }];
    return b.node("loop", { domain, reducedAxes: [1], reductions, outputs }, [x, row]);
  };

  it("let a pointwise output take the memory of operands that do not broadcast", () => {
    const kernel = kernelOf((b) => b.unary("tanh", input(b, "x", [3, 4])));
    expect(overwrites(kernel)).toEqual([[0]]);
    const wide = kernelOf((b) => b.add(input(b, "x", [3, 4]), input(b, "bias", [1, 4])));
    expect(overwrites(wide)).toEqual([[0]]);
  });

  it("let a row's output take the memory of an operand of rows", () => {
    expect(overwrites(kernelOf((b) => rows(b, "kept")))).toEqual([[1]]);
    expect(overwrites(kernelOf((b) => rows(b, "domain")))).toEqual([[0]]);
  });

  it("let no other kernel work in place", () => {
    expect(
      overwrites(kernelOf((b) => b.node("transpose", { order: [1, 0] }, [input(b, "x", [3, 3])]))),
    ).toEqual([[]]);
  });
});
