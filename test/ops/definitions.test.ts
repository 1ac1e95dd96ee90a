/** What every op's definition says about itself. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { flopsOf } from "../../compiler/ir/cost.js";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, NodeOf, Op, ValueId } from "../../compiler/ir/graph.js";
import { ops } from "../../compiler/ops/index.js";
import { buildGraph } from "../support/graphs.js";

function lastNode(build: (builder: GraphBuilder) => ValueId) {
  const graph = buildGraph((builder) => ({ y: build(builder) }));
  const node = graph.nodes.at(-1) as NodeOf<Op>;
  return { graph, node, inPlace: inPlace(graph, node) };
}

function inPlace<K extends Op>(graph: Graph, { op, attributes, inputs, outputs }: NodeOf<K>) {
  const typesOf = (values: readonly ValueId[]) => values.map((value) => graph.types[value]!);
  return ops[op].inPlace(attributes, typesOf(inputs), typesOf(outputs));
}

const matrix = (b: GraphBuilder, name: string, rows: number, columns: number): ValueId =>
  b.input(name, { dataType: "f32", shape: [rows, columns] });

describe("definitions", () => {
  it("have documentation: sentences", () => {
    for (const definition of Object.values(ops)) expect(definition.documentation).toMatch(/\.$/);
  });

  it("count operations, a multiply-add as two", () => {
    const product = lastNode((b) =>
      b.node("matmul", { transposeLeft: false, transposeRight: false, epilogue: null }, [
        matrix(b, "x", 2, 3),
        matrix(b, "w", 3, 4),
      ]),
    );
    expect(flopsOf(product.graph, product.node)).toBe(2 * 2 * 3 * 4);
    const conv = lastNode((b) => {
      const geometry = {
        stride: [1, 1],
        pad: [0, 0, 0, 0],
        dilation: [1, 1],
        groups: 2,
        epilogue: null,
      } as const;
      const x = b.input("x", { dataType: "f32", shape: [1, 4, 5, 5] });
      return b.node("conv", geometry, [x, b.input("w", { dataType: "f32", shape: [6, 2, 3, 3] })]);
    });
    expect(flopsOf(conv.graph, conv.node)).toBe(2 * (6 * 3 * 3) * (2 * 3 * 3));
    const map = lastNode((b) =>
      b.map(e.unary("tanh", e.add(e.input(0), e.constant(1))), [matrix(b, "x", 2, 3)]),
    );
    expect(flopsOf(map.graph, map.node)).toBe(12);
  });

  it("let pointwise work overwrite what it reads element by element", () => {
    const { inPlace } = lastNode((b) => b.add(matrix(b, "x", 2, 3), matrix(b, "row", 1, 3)));
    expect(inPlace).toEqual([[0]]);
  });

  it("let an epilogue overwrite its operand, never the product's own", () => {
    const { inPlace } = lastNode((b) => {
      const epilogue = { expression: e.add(e.input(0), e.input(1)) };
      const operands = [matrix(b, "x", 3, 3), matrix(b, "w", 3, 3), matrix(b, "skip", 3, 3)];
      return b.node("matmul", { transposeLeft: false, transposeRight: false, epilogue }, operands);
    });
    expect(inPlace).toEqual([[2]]);
  });

  it("let a row's result overwrite only what no position reads afterwards", () => {
    const build = (readsAgain: boolean) =>
      lastNode((b) => {
        const reductions = [{ combine: "sum", expression: e.input(0) }] as const;
        const row = { expression: e.add(e.reduced(0), e.input(1)), over: "kept" } as const;
        const domain = {
          expression: readsAgain ? e.multiply(e.input(0), e.input(1)) : e.input(0),
          over: "domain",
        } as const;
        const operands = [matrix(b, "x", 2, 3), matrix(b, "column", 2, 1)];
        return b.nodes(
          "loop",
          { domain: [2, 3], reducedAxes: [1], reductions, outputs: [row, domain] },
          operands,
        )[0]!;
      });
    expect(build(false).inPlace).toEqual([[1], [0]]);
    expect(build(true).inPlace).toEqual([[], [0]]);
  });

  it("keep windows, transpositions and reductions out of their inputs' memory", () => {
    const turned = lastNode((b) => b.node("transpose", { order: [1, 0] }, [matrix(b, "x", 3, 3)]));
    const total = lastNode((b) => b.reduce("sum", matrix(b, "x", 1, 3), [0]));
    expect([turned.inPlace, total.inPlace]).toEqual([[[]], [[]]]);
  });
});
