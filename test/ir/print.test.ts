/** How a graph is printed. */
import { it } from "vitest";
import * as e from "../../compiler/ir/expressions.js";
import { printGraph } from "../../compiler/ir/print.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { expectGolden } from "../support/golden.js";

it("prints every kind of node on a line of its own", () => {
  const b = createGraphBuilder();
  const image = b.input("image", { dataType: "f32", shape: [2, 4, 6, 6] });
  const label = b.input("label", { dataType: "i32", shape: [2] }, 10);
  const weight = b.labelled("conv1", () =>
    b.buffer("conv1.weight", { dataType: "f32", shape: [4, 2, 3, 3] }),
  );
  const rate = b.scalar("rate", e.multiply({ kind: "variable", name: "step" }, e.constant(1e-3)));
  const geometry = { stride: [1, 1], pad: [1, 1, 1, 1], dilation: [1, 1], groups: 2 } as const;
  const epilogue = { expression: e.unary("tanh", e.multiply(e.input(0), e.input(1))) };
  const convolved = b.labelled("conv1", () =>
    b.node("conv", { ...geometry, epilogue }, [image, weight, rate]),
  );
  const pooled = b.node("max_pool", { size: [2, 2], stride: [2, 2], pad: [0, 0, 0, 0], ceil: true }, [
    convolved,
  ]);
  const flat = b.reshape(b.node("transpose", { order: [0, 2, 3, 1] }, [pooled]), [2, 36]);
  const square = b.node("matmul", { transposeLeft: false, transposeRight: true, epilogue: null }, [
    flat,
    flat,
  ]);
  const joined = b.node("concat", { axis: 0 }, [square, b.detach(square)]);
  const cut = b.node("slice", { start: [1, 0], stop: [3, 2], step: [1, 1] }, [joined]);
  const placed = b.node("place", { before: [1, 0], step: [1, 1], shape: [4, 2] }, [cut]);
  const picked = b.map(e.binary("equal", e.input(0), e.coordinate(0)), [b.reshape(label, [2, 1])], [2, 2]);
  const [softmax, total] = b.nodes(
    "loop",
    {
      domain: [2, 2],
      reducedAxes: [1],
      reductions: [{ combine: "sum", expression: e.unary("exp", e.input(0)) }],
      outputs: [
        { expression: e.divide(e.unary("exp", e.input(0)), e.reduced(0)), over: "domain" },
        { expression: e.reduced(0), over: "kept" },
      ],
    },
    [picked],
  );
  const largest = b.reduce("maximum", b.add(placed, b.constant(-2.5)), [0, 1]);
  const graph = b.finish(
    "example",
    [
      { name: "softmax", value: softmax! },
      { name: "total", value: total! },
      { name: "largest", value: largest },
    ],
    [{ buffer: "conv1.weight", value: weight }],
  );
  expectGolden(new URL("cases/print.txt", import.meta.url).pathname, printGraph(graph));
});
