/** Ops against PyTorch: outputs and gradients in float64, to 1e-9. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import * as e from "../../compiler/ir/expressions.js";
import type { ValueId } from "../../compiler/ir/graph.js";
import { verify } from "../../compiler/ir/verify.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { fill, readOpCases, type OpCase } from "../support/fixtures.js";
import { expectClose } from "../support/graphs.js";

type Operands = Readonly<Record<string, ValueId>>;
type Build = (builder: GraphBuilder, operands: Operands, attributes: OpCase["attrs"]) => ValueId;

function pair(value: unknown): readonly [number, number] {
  return Array.isArray(value) ? (value as [number, number]) : [Number(value), Number(value)];
}

function convAttributes(attributes: OpCase["attrs"]) {
  const [vertical, horizontal] = pair(attributes["pad"]);
  return {
    stride: pair(attributes["stride"]),
    pad: [vertical, horizontal, vertical, horizontal] as const,
    dilation: pair(attributes["dilation"]),
    groups: Number(attributes["groups"]),
    epilogue: null,
  };
}

function windowAttributes(attributes: OpCase["attrs"]) {
  const [vertical, horizontal] = pair(attributes["pad"]);
  return {
    size: pair(attributes["size"]),
    stride: pair(attributes["stride"]),
    pad: [vertical, horizontal, vertical, horizontal] as const,
    ceil: attributes["ceil"] === true,
  };
}

function withBias(builder: GraphBuilder, value: ValueId, bias: ValueId | undefined): ValueId {
  if (bias === undefined) return value;
  const shape = builder.shape(value).map((_, axis) => (axis === 1 ? builder.shape(bias)[0]! : 1));
  return builder.add(value, builder.reshape(bias, shape));
}

/** The cases that are one op, and how to build them. */
const builds: Readonly<Record<string, Build>> = {
  conv: (builder, { x, weight, bias }, attributes) =>
    withBias(builder, builder.node("conv", convAttributes(attributes), [x!, weight!]), bias),
  conv_transpose: (builder, { x, weight, bias }, attributes) => {
    const geometry = convAttributes(attributes);
    const [, , kernelHeight, kernelWidth] = builder.shape(weight!);
    const extent = (axis: 0 | 1, size: number): number =>
      (builder.shape(x!)[axis + 2]! - 1) * geometry.stride[axis] -
      2 * geometry.pad[axis] +
      geometry.dilation[axis] * (size - 1) +
      Number(attributes["output_pad"]) +
      1;
    const size = { height: extent(0, kernelHeight!), width: extent(1, kernelWidth!) };
    return withBias(
      builder,
      builder.node("conv_input_gradient", { ...geometry, ...size }, [x!, weight!]),
      bias,
    );
  },
  dense: (builder, { x, weight, bias }) => {
    const attributes = { transposeLeft: false, transposeRight: true, epilogue: null };
    return withBias(builder, builder.node("matmul", attributes, [x!, weight!]), bias);
  },
  max_pool: (builder, { x }, attributes) => builder.node("max_pool", windowAttributes(attributes), [x!]),
  avg_pool: (builder, { x }, attributes) =>
    builder.node(
      "avg_pool",
      { ...windowAttributes(attributes), countIncludesPad: attributes["count_include_pad"] === true },
      [x!],
    ),
  relu: (builder, { x }) => builder.map(e.binary("maximum", e.input(0), e.constant(0)), [x!]),
  sigmoid: (builder, { x }) => builder.unary("sigmoid", x!),
  tanh: (builder, { x }) => builder.unary("tanh", x!),
  exp: (builder, { x }) => builder.unary("exp", x!),
  log: (builder, { x }) => builder.unary("log", x!),
  sqrt: (builder, { x }) => builder.unary("sqrt", x!),
  abs: (builder, { x }) => builder.unary("abs", x!),
  square: (builder, { x }) => builder.multiply(x!, x!),
  gelu: (builder, { x }) => {
    const inner = e.unary("erf", e.multiply(e.input(0), e.constant(Math.SQRT1_2)));
    return builder.map(e.multiply(e.multiply(e.input(0), e.constant(0.5)), e.add(e.constant(1), inner)), [
      x!,
    ]);
  },
  sum: (builder, { x }, attributes) =>
    reduced(builder, builder.reduce("sum", x!, [Number(attributes["axis"])]), attributes),
  mean: (builder, { x }, attributes) =>
    reduced(builder, builder.mean(x!, [Number(attributes["axis"])]), attributes),
  max: (builder, { x }, attributes) =>
    reduced(builder, builder.reduce("maximum", x!, [Number(attributes["axis"])]), attributes),
  add: (builder, { a, b }) => builder.add(a!, b!),
  sub: (builder, { a, b }) => builder.subtract(a!, b!),
  mul: (builder, { a, b }) => builder.multiply(a!, b!),
  div: (builder, { a, b }) => builder.divide(a!, b!),
  concat: (builder, { a, b }, attributes) =>
    builder.node("concat", { axis: Number(attributes["axis"]) }, [a!, b!]),
  pad: (builder, { x }, attributes) => {
    const [left, right, top, bottom] = attributes["pad"] as [number, number, number, number];
    const [batch, channels, height, width] = builder.shape(x!) as [number, number, number, number];
    const shape = [batch, channels, height + top + bottom, width + left + right];
    return builder.node("place", { before: [0, 0, top, left], step: [1, 1, 1, 1], shape }, [x!]);
  },
  transpose: (builder, { x }, attributes) =>
    builder.node("transpose", { order: attributes["order"] as number[] }, [x!]),
};

function reduced(builder: GraphBuilder, value: ValueId, attributes: OpCase["attrs"]): ValueId {
  return builder.reshape(
    value,
    builder.shape(value).filter((_, axis) => axis !== attributes["axis"]),
  );
}

const cases = readOpCases().filter(({ op }) => op in builds);

describe("ops agree with PyTorch", () => {
  it("covers the cases that are a single op", () => {
    expect(cases.length).toBe(109);
  });

  it.each(cases.map((fixture) => [fixture.id, fixture] as const))("%s", (_id, fixture) => {
    const builder = createGraphBuilder();
    const names = Object.keys(fixture.inputs);
    const operands = Object.fromEntries(
      names.map((name) => [
        name,
        builder.input(name, { dataType: "f32", shape: fixture.inputs[name]!.shape }),
      ]),
    );
    const output = builds[fixture.op]!(builder, operands, fixture.attrs);
    const { shape } = fixture.output;
    const cotangent = builder.input("cotangent", { dataType: "f32", shape });
    const axes = shape.map((_, axis) => axis);
    const loss = builder.reshape(builder.reduce("sum", builder.multiply(output, cotangent), axes), []);
    const gradients = gradient(
      builder,
      loss,
      names.map((name) => operands[name]!),
    );
    const graph = builder.finish(
      fixture.id,
      [
        { name: "output", value: output },
        ...names.map((name, index) => ({ name, value: gradients[index]! })),
      ],
      [],
    );
    verify(graph);
    const inputs = new Map(names.map((name) => [name, fill(fixture.inputs[name]!)]));
    inputs.set("cotangent", fill({ shape, ...fixture.cotangent }));
    const result = evaluate(graph, { inputs });
    expect(builder.shape(output)).toEqual(shape);
    expectClose(result.outputs.get("output")!, fixture.output.values, 1e-9, "output");
    for (const name of names) {
      expectClose(result.outputs.get(name)!, fixture.gradients[name]!.values, 1e-9, `gradient of ${name}`);
    }
  });
});
