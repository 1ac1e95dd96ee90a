/** Reverse-mode differentiation of whole graphs. */
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import * as e from "../../compiler/ir/expressions.js";
import { verify } from "../../compiler/ir/verify.js";
import { checkGradients } from "../../compiler/passes/check-gradient.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { environmentFor } from "../support/graphs.js";
import { lenetGraph } from "../support/lenet.js";

const vector = { dataType: "f32", shape: [3] } as const;

describe("gradient", () => {
  it("adds up what flows back over several paths", () => {
    const b = createGraphBuilder();
    const x = b.input("x", vector);
    const y = b.add(b.multiply(x, x), b.scale(x, 3));
    const loss = b.reshape(b.reduce("sum", y, [0]), []);
    const [slope] = gradient(b, loss, [x]);
    const graph = b.finish("test", [{ name: "slope", value: slope! }], []);
    const { outputs } = evaluate(graph, { inputs: new Map([["x", [1, -2, 0.5]]]) });
    expect([...outputs.get("slope")!]).toEqual([5, -1, 4]);
  });

  it("is zero for what the loss does not depend on, and stops at detach", () => {
    const b = createGraphBuilder();
    const [x, y] = [b.input("x", vector), b.input("y", vector)];
    const loss = b.reshape(b.reduce("sum", b.multiply(b.detach(b.unary("exp", x)), x), [0]), []);
    const [byX, byY] = gradient(b, loss, [x, y]);
    const graph = b.finish(
      "test",
      [
        { name: "x", value: byX! },
        { name: "y", value: byY! },
      ],
      [],
    );
    verify(graph);
    const { outputs } = evaluate(graph, {
      inputs: new Map([
        ["x", [0, 1, 2]],
        ["y", [0, 0, 0]],
      ]),
    });
    expect([...outputs.get("x")!].map((value) => value.toFixed(6))).toEqual(
      [0, 1, 2].map((value) => Math.exp(value).toFixed(6)),
    );
    expect([...outputs.get("y")!]).toEqual([0, 0, 0]);
  });

  it("builds nothing for nodes that are not between the parameters and the loss", () => {
    const b = createGraphBuilder();
    const [x, w] = [b.input("x", vector), b.buffer("w", vector)];
    const features = b.unary("sigmoid", b.unary("tanh", x));
    const loss = b.reshape(b.reduce("sum", b.multiply(features, w), [0]), []);
    const before = b.built().length;
    gradient(b, loss, [w]);
    const added = b
      .built()
      .slice(before)
      .map(({ op }) => op);
    // The seed, its broadcast through the sum, and the product with the features.
    expect(added).toEqual(["constant", "reshape", "map", "map"]);
  });

  it("builds nothing behind a detach", () => {
    const b = createGraphBuilder();
    const x = b.input("x", vector);
    const hidden = b.detach(b.unary("exp", b.unary("tanh", x)));
    const loss = b.reshape(b.reduce("sum", b.multiply(b.unary("sin", hidden), x), [0]), []);
    const before = b.built().length;
    gradient(b, loss, [x]);
    expect(
      b
        .built()
        .slice(before)
        .map(({ op }) => op),
    ).toEqual(["constant", "reshape", "map", "map"]);
  });

  it("gives a maximum's cotangent to the first of equal elements", () => {
    const b = createGraphBuilder();
    const x = b.input("x", { dataType: "f32", shape: [2, 4] });
    const loss = b.reshape(b.reduce("sum", b.reduce("maximum", x, [1]), [0]), []);
    const [slope] = gradient(b, loss, [x]);
    const graph = b.finish("test", [{ name: "slope", value: slope! }], []);
    const { outputs } = evaluate(graph, { inputs: new Map([["x", [0, 3, 3, 1, -1, -2, -1, -1]]]) });
    expect([...outputs.get("slope")!]).toEqual([0, 1, 0, 0, 1, 0, 0, 0]);
  });

  it("reuses an activation's result instead of its argument", () => {
    const b = createGraphBuilder();
    const x = b.input("x", vector);
    const y = b.unary("tanh", x);
    const loss = b.reshape(b.reduce("sum", y, [0]), []);
    gradient(b, loss, [x]);
    const last = b.built().at(-1)!;
    expect(last.inputs).toContain(y);
    expect(last.inputs).not.toContain(x);
  });

  it("wants a single number as loss", () => {
    const b = createGraphBuilder();
    const x = b.input("x", vector);
    expect(() => gradient(b, x, [x])).toThrow(/single number/);
  });
});

describe("checkGradients", () => {
  it.each(["tanh", "relu"] as const)("passes LeNet with %s", (activation) => {
    const graph = lenetGraph({ batch: 2, ending: "gradients", activation });
    const reports = checkGradients({
      graph,
      loss: "loss",
      environment: environmentFor(graph, 3),
      samples: 2,
    });
    expect(reports.map(({ name }) => name)).toContain("conv1.weight");
    expect(reports.length).toBe(10);
    for (const report of reports) {
      expect(report.checked + report.kinks).toBe(2);
      expect(report.worstError, report.name).toBeLessThan(1e-6);
    }
  });

  it("finds a wrong gradient and says where", () => {
    const b = createGraphBuilder();
    const w = b.buffer("w", vector);
    const loss = b.reshape(b.reduce("sum", b.multiply(w, w), [0]), []);
    const wrong = b.scale(w, 2.001);
    const graph = b.finish(
      "test",
      [
        { name: "loss", value: loss },
        { name: "w", value: wrong },
      ],
      [],
    );
    const [report] = checkGradients({
      graph,
      loss: "loss",
      environment: { buffers: new Map([["w", [1, 2, 3]]]) },
    });
    expect(report!.worstError).toBeGreaterThan(4e-4);
    expect(report!.worst!.numeric).toBeCloseTo(report!.worst!.analytic / 1.0005, 6);
  });

  it("leaves out elements that stand on a kink", () => {
    const b = createGraphBuilder();
    const w = b.buffer("w", vector);
    const rectified = b.map(e.binary("maximum", e.input(0), e.constant(0)), [w]);
    const loss = b.reshape(b.reduce("sum", rectified, [0]), []);
    const [slope] = gradient(b, loss, [w]);
    const graph = b.finish(
      "test",
      [
        { name: "loss", value: loss },
        { name: "w", value: slope! },
      ],
      [],
    );
    const [report] = checkGradients({
      graph,
      loss: "loss",
      environment: { buffers: new Map([["w", [0, 1, -1]]]) },
    });
    expect(report).toMatchObject({ checked: 2, kinks: 1 });
    expect(report!.worstError).toBeLessThan(1e-9);
  });
});
