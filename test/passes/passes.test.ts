/** What each pass makes of small graphs: read the golden files side by side with the passes' headers. */
import { describe, expect, it } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import * as e from "../../compiler/ir/expressions.js";
import type { ValueId } from "../../compiler/ir/graph.js";
import { printGraph } from "../../compiler/ir/print.js";
import { verify } from "../../compiler/ir/verify.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { passes } from "../../compiler/passes/index.js";
import { expectGolden } from "../support/golden.js";
import { buildGraph, expectSameMeaning } from "../support/graphs.js";
import { crossEntropy } from "../support/lenet.js";

type Build = (builder: GraphBuilder) => Readonly<Record<string, ValueId>>;

const plain = { transposeLeft: false, transposeRight: false, epilogue: null } as const;
const matrix = (b: GraphBuilder, name: string, ...shape: number[]): ValueId =>
  b.input(name, { dataType: "f32", shape });
const relu = (b: GraphBuilder, x: ValueId): ValueId =>
  b.map(e.binary("maximum", e.input(0), e.constant(0)), [x]);

/** Per pass, what to show it, by the name of what it shows. */
const examples: Readonly<Record<string, Readonly<Record<string, Build>>>> = {
  simplify: {
    "constants move into expressions": (b) => {
      const x = matrix(b, "x", 2, 3);
      const two = b.broadcast(b.constant(2), [1, 3]);
      return { y: b.add(b.multiply(b.multiply(x, two), b.constant(3)), b.constant(0)) };
    },
    "repeated operands are read through": (b) => {
      const x = matrix(b, "x", 2, 3);
      const column = b.broadcast(matrix(b, "column", 2, 1), [2, 3]);
      return { y: b.multiply(x, column), sum: b.reduce("sum", column, [1]) };
    },
    "reshapes and transpositions meet": (b) => {
      const x = matrix(b, "x", 2, 3, 4);
      const turned = b.node("transpose", { order: [1, 2, 0] }, [x]);
      return {
        same: b.node("transpose", { order: [2, 0, 1] }, [turned]),
        flat: b.reshape(b.reshape(x, [6, 4]), [24]),
        view: b.node("transpose", { order: [1, 0] }, [matrix(b, "row", 1, 5)]),
      };
    },
    "a product reads a transposed matrix as it stands": (b) => {
      const turned = b.node("transpose", { order: [1, 0] }, [matrix(b, "w", 4, 3)]);
      return { y: b.node("matmul", plain, [matrix(b, "x", 2, 3), turned]) };
    },
    "neutral operations go": (b) => {
      const x = matrix(b, "x", 1, 3);
      const whole = b.node("slice", { start: [0, 0], stop: [1, 3], step: [1, 1] }, [b.detach(x)]);
      const placed = b.node("place", { before: [0, 0], step: [1, 1], shape: [1, 3] }, [whole]);
      return { y: b.reduce("sum", b.node("concat", { axis: 0 }, [placed]), [0]) };
    },
  },
  "common-subexpressions": {
    "equal nodes become one, random ones too": (b) => {
      const x = matrix(b, "x", 2, 3);
      const noise = () => b.map(e.multiply(e.random(1), e.input(0)), [x]);
      return { y: b.add(b.unary("exp", noise()), b.unary("exp", noise())) };
    },
  },
  "dead-code": {
    "what no output needs goes, inputs stay": (b) => {
      const x = matrix(b, "x", 2);
      b.unary("exp", x);
      b.buffer("unused", { dataType: "f32", shape: [2] });
      matrix(b, "label", 2);
      return { y: b.unary("tanh", x) };
    },
  },
  "fuse-epilogues": {
    "bias and activation join the product": (b) => {
      const product = b.node("matmul", plain, [matrix(b, "x", 2, 3), matrix(b, "w", 3, 4)]);
      return { y: b.unary("tanh", b.add(product, matrix(b, "bias", 1, 4))) };
    },
    "a residual addition too, through a reshape": (b) => {
      const product = b.node("matmul", plain, [matrix(b, "x", 2, 3), matrix(b, "w", 3, 4)]);
      const image = b.reshape(product, [2, 1, 2, 2]);
      return { y: relu(b, b.add(image, matrix(b, "skip", 2, 1, 2, 2))) };
    },
    "a bias per channel does not cross a flattening": (b) => {
      const product = b.node("matmul", plain, [matrix(b, "x", 2, 3), matrix(b, "w", 3, 4)]);
      return { y: b.add(b.reshape(product, [2, 2, 1, 2]), matrix(b, "bias", 1, 2, 1, 1)) };
    },
    "not what leaves the graph": (b) => {
      const product = b.node("matmul", plain, [matrix(b, "x", 2, 3), matrix(b, "w", 3, 4)]);
      return { product, y: b.unary("tanh", product) };
    },
    "not what something else reads": (b) => {
      const product = b.node("matmul", plain, [matrix(b, "x", 2, 3), matrix(b, "w", 3, 4)]);
      const biased = b.add(product, matrix(b, "bias", 1, 4));
      return { y: b.multiply(biased, b.unary("sigmoid", biased)) };
    },
    "the derivative of an activation joins the gradient's product": (b) => {
      const x = matrix(b, "x", 2, 3);
      const hidden = b.unary("tanh", b.node("matmul", plain, [x, matrix(b, "w1", 3, 4)]));
      const scores = b.node("matmul", plain, [hidden, matrix(b, "w2", 4, 5)]);
      const loss = b.reshape(b.mean(b.unary("tanh", scores), [0, 1]), []);
      return { loss, gradient: gradient(b, loss, [matrix(b, "w1", 3, 4)])[0]! };
    },
  },
  "duplicate-cheap-maps": {
    "readers get their own copy of an addition, not of an exponential": (b) => {
      const x = matrix(b, "x", 8, 16);
      const shifted = b.add(x, matrix(b, "column", 8, 1));
      const exponential = b.unary("exp", x);
      return {
        a: b.reduce("sum", shifted, [0]),
        b: b.reduce("sum", shifted, [1]),
        c: b.reduce("sum", exponential, [0]),
        d: b.reduce("sum", exponential, [1]),
      };
    },
  },
  "fuse-loops": {
    "softmax is one loop": (b) => {
      const x = matrix(b, "x", 4, 6);
      const exponentials = b.unary("exp", b.subtract(x, b.reduce("maximum", x, [1])));
      return { y: b.divide(exponentials, b.reduce("sum", exponentials, [1])) };
    },
    "cross-entropy and its gradient are one loop, and the mean another": (b) => {
      const logits = b.buffer("logits", { dataType: "f32", shape: [4, 6] });
      const loss = crossEntropy(b, logits, b.input("label", { dataType: "i32", shape: [4] }, 6));
      return { loss, gradient: gradient(b, loss, [logits])[0]! };
    },
    "what is added up over other axes stays apart": (b) => {
      const x = b.unary("tanh", matrix(b, "x", 4, 6));
      return { rows: b.reduce("sum", x, [1]), columns: b.reduce("sum", x, [0]) };
    },
    "a row's result that is read along a column stays apart": (b) => {
      const x = matrix(b, "x", 4, 4);
      const sums = b.reshape(b.reduce("sum", x, [1]), [1, 4]);
      return { y: b.multiply(x, sums) };
    },
    "reshapes do not part what belongs together": (b) => {
      const x = matrix(b, "x", 2, 3, 4);
      const flat = b.reshape(b.multiply(x, matrix(b, "channel", 1, 3, 1)), [2, 12]);
      const sums = b.reduce("sum", b.unary("tanh", flat), [1]);
      return { y: b.scale(b.reshape(sums, [2]), 0.5) };
    },
    "coordinates follow their axis": (b) => {
      const x = matrix(b, "x", 2, 3, 4);
      const even = b.map(e.multiply(e.input(0), e.coordinate(2)), [x]);
      const flat = b.reshape(even, [6, 4]);
      return { y: b.map(e.add(e.input(0), e.coordinate(0)), [flat]) };
    },
    "an expensive value of a large tensor is not computed in two passes": (b) => {
      const x = b.unary("tanh", matrix(b, "x", 64, 64, 64));
      return { y: b.subtract(x, b.reduce("sum", x, [2])) };
    },
    "a loop never waits for itself": (b) => {
      const x = matrix(b, "x", 3, 3);
      const scaled = b.scale(x, 2);
      const product = b.node("matmul", plain, [scaled, x]);
      return { y: b.add(scaled, product) };
    },
    "an optimizer's state and parameter are one loop": (b) => {
      const type = { dataType: "f32", shape: [4, 5] } as const;
      const [w, mean, slope] = [b.buffer("w", type), b.buffer("mean", type), b.input("gradient", type)];
      const moved = b.add(b.scale(mean, 0.9), b.scale(slope, 0.1));
      return { mean: moved, w: b.subtract(w, b.multiply(b.scalar("rate", e.constant(0.01)), moved)) };
    },
  },
  "clean-up": {
    "copies that nobody pulled in are one again": (b) => {
      const x = matrix(b, "x", 2, 3);
      return { a: b.reshape(b.reshape(b.scale(x, 2), [6]), [3, 2]), b: b.scale(x, 2) };
    },
  },
};

describe("passes", () => {
  it("have an example each", () => {
    expect(Object.keys(examples)).toEqual(passes.map(({ name }) => name));
  });

  it.each(passes.map((pass, index) => [pass.name, pass, index] as const))("%s", (name, pass, index) => {
    const earlier = name.startsWith("fuse") ? passes.slice(0, Math.min(index, 3)) : [];
    const shown = Object.entries(examples[name]!).map(([what, build]) => {
      // As the pass will see it.
      const before = earlier.reduce((graph, { run }) => run(graph), buildGraph(build));
      const after = pass.run(before);
      verify(after, name);
      expectSameMeaning(after, before);
      return `// ${what}\n\n${printGraph(before)}\n${printGraph(after)}`;
    });
    expectGolden(new URL(`cases/${name}.txt`, import.meta.url).pathname, shown.join("\n"));
  });
});
