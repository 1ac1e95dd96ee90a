/** The verifier finds every way in which a graph can be broken. */
import { describe, expect, it } from "vitest";
import * as e from "../../compiler/ir/expressions.js";
import type { Graph, Node, ValueId } from "../../compiler/ir/graph.js";
import { verify } from "../../compiler/ir/verify.js";
import { buildGraph } from "../support/graphs.js";

const good = buildGraph((builder) => {
  const x = builder.input("x", { dataType: "f32", shape: [2, 3] });
  const w = builder.buffer("w", { dataType: "f32", shape: [4, 3] });
  const product = builder.node("matmul", { transposeLeft: false, transposeRight: true, epilogue: null }, [
    x,
    w,
  ]);
  return { y: builder.unary("tanh", product) };
});

function withNode(index: number, change: (node: Node) => Node): Graph {
  return { ...good, nodes: good.nodes.map((node, at) => (at === index ? change(node) : node)) };
}

const value = (id: number): ValueId => id as ValueId;

describe("verify", () => {
  it("accepts a good graph", () => {
    expect(() => {
      verify(good);
    }).not.toThrow();
  });

  it.each<[string, Graph, RegExp]>([
    ["a use before the definition", { ...good, nodes: [...good.nodes].reverse() }, /before it is defined/],
    ["a value defined twice", withNode(1, (node) => ({ ...node, outputs: [value(0)] })), /defines %0 again/],
    [
      "a type that is not the op's",
      { ...good, types: good.types.map((type, id) => (id === 2 ? { ...type, shape: [4, 2] } : type)) },
      /%2 has the type f32\[4,2\]/,
    ],
    [
      "matrices that do not fit",
      withNode(2, (node) => ({ ...node, inputs: [value(0), value(0)] })),
      /%2 has the type|sums over/,
    ],
    [
      "two sources of one name",
      {
        ...good,
        nodes: [...good.nodes, { ...good.nodes[1]!, outputs: [value(4)] }],
        types: [...good.types, good.types[1]!],
      },
      /buffer w stands twice/,
    ],
    [
      "an output that is not there",
      { ...good, outputs: [{ name: "y", value: value(9) }] },
      /%9 leaves the graph/,
    ],
    [
      "two outputs of one name",
      { ...good, outputs: [...good.outputs, ...good.outputs] },
      /two outputs have one name/,
    ],
    [
      "an update of another type",
      { ...good, updates: [{ buffer: "w", value: value(3) }] },
      /the update of w/,
    ],
    [
      "two updates of one buffer",
      { ...good, updates: [1, 1].map((id) => ({ buffer: "w", value: value(id) })) },
      /updated twice/,
    ],
  ])("finds %s", (_what, graph, message) => {
    expect(() => {
      verify(graph, "some-pass");
    }).toThrow(message);
    expect(() => {
      verify(graph, "some-pass");
    }).toThrow(/after some-pass[^]*graph test \{/);
  });

  it.each<[string, Parameters<typeof e.unary>[1], RegExp]>([
    ["an input beyond the operands", e.input(1), /input 1 of 1/],
    ["a variable outside of scalars", { kind: "variable", name: "step" }, /variable step/],
    ["a reduction's result outside of loops", e.reduced(0), /reduced 0 of 0/],
    ["a coordinate beyond the rank", e.coordinate(2), /axis 2/],
    ["a constant that is not finite", { kind: "constant", value: Infinity }, /not finite/],
  ])("finds an expression with %s", (_what, expression, message) => {
    const broken = withNode(3, (node) =>
      node.op === "map" ? { ...node, attributes: { ...node.attributes, expression } } : node,
    );
    expect(() => {
      verify(broken);
    }).toThrow(message);
  });
});

describe("the op table refuses", () => {
  const image = { dataType: "f32", shape: [1, 2, 5, 5] } as const;
  const conv = { stride: [1, 1], pad: [0, 0, 0, 0], dilation: [1, 1], groups: 1, epilogue: null } as const;
  const window = { size: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: false } as const;

  it.each<[string, Parameters<typeof buildGraph>[0], RegExp]>([
    [
      "channels that do not fit the weight",
      (b) => ({
        y: b.node("conv", conv, [
          b.input("x", image),
          b.input("w", { dataType: "f32", shape: [3, 3, 3, 3] }),
        ]),
      }),
      /1 groups of 3 channels for 2/,
    ],
    [
      "a window larger than the image",
      (b) => ({
        y: b.node("conv", conv, [
          b.input("x", image),
          b.input("w", { dataType: "f32", shape: [3, 2, 6, 6] }),
        ]),
      }),
      /window of 6 does not fit into 5/,
    ],
    [
      "a cotangent of another size",
      (b) => {
        const weight = b.input("w", { dataType: "f32", shape: [2, 2, 3, 3] });
        return {
          y: b.node("conv_input_gradient", { ...conv, height: 9, width: 9 }, [b.input("x", image), weight]),
        };
      },
      /cotangent \[1,2,5,5\] of an output \[1,2,7,7\]/,
    ],
    [
      "padding as large as the window",
      (b) => ({ y: b.node("max_pool", { ...window, pad: [2, 0, 0, 0] }, [b.input("x", image)]) }),
      /padding/,
    ],
    [
      "a reshape to another size",
      (b) => ({ y: b.node("reshape", { shape: [7] }, [b.input("x", image)]) }),
      /cannot become \[7\]/,
    ],
    [
      "an order that is no permutation",
      (b) => ({ y: b.node("transpose", { order: [0, 0, 1, 2] }, [b.input("x", image)]) }),
      /in the order/,
    ],
    [
      "a slice beyond the end",
      (b) => ({
        y: b.node("slice", { start: [0, 0, 0, 0], stop: [1, 2, 6, 5], step: [1, 1, 1, 1] }, [
          b.input("x", image),
        ]),
      }),
      /slice 0:6 of 5/,
    ],
    [
      "shapes that do not broadcast",
      (b) => ({ y: b.add(b.input("x", image), b.input("z", { dataType: "f32", shape: [1, 3, 5, 5] })) }),
      /operands/,
    ],
    [
      "one name for two scalars",
      (b) => ({ y: b.add(b.scalar("rate", e.constant(1)), b.scalar("rate", e.constant(2))) }),
      /two different sources/,
    ],
    ["a limit on real numbers", (b) => ({ y: b.input("x", image, 10) }), /only integers/],
    [
      "a row's output that differs within the row",
      (b) => {
        const reductions = [{ combine: "sum", expression: e.input(0) }] as const;
        const outputs = [{ expression: e.input(0), over: "kept" }] as const;
        const x = b.input("x", { dataType: "f32", shape: [2, 3] });
        return { y: b.node("loop", { domain: [2, 3], reducedAxes: [1], reductions, outputs }, [x]) };
      },
      /\[2,3\] does not broadcast to \[2,1\]/,
    ],
  ])("%s", (_what, build, message) => {
    expect(() => buildGraph(build)).toThrow(message);
  });
});
