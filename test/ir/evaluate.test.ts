/** The reference evaluator. */
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import * as e from "../../compiler/ir/expressions.js";
import { threefry, uniform } from "../../runtime/program/threefry.js";
import { fill, readFixture, type Filled } from "../support/fixtures.js";
import { buildGraph, expectClose, signedNumbers } from "../support/graphs.js";
import { lenetGraph } from "../support/lenet.js";

interface Digest {
  readonly name: string;
  readonly shape: readonly number[];
  readonly sum: number;
  readonly l2: number;
  readonly absmax: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

interface ModelFixture {
  readonly input: Filled;
  readonly parameters: readonly (Filled & { readonly name: string })[];
  readonly inference: { readonly output: Omit<Digest, "name"> };
  readonly training: { readonly loss: number; readonly gradients: readonly Digest[] };
}

/** As the fixtures' README says, to a tolerance. */
function expectDigest(values: Float64Array, digest: Omit<Digest, "name">, tolerance: number): void {
  const sum = values.reduce((total, value) => total + value, 0);
  const l2 = Math.sqrt(values.reduce((total, value) => total + value * value, 0));
  expect(values.length).toBe(digest.shape.reduce((product, size) => product * size, 1));
  expect(Math.abs(l2 - digest.l2)).toBeLessThan(tolerance * digest.l2);
  expect(Math.abs(sum - digest.sum)).toBeLessThan(tolerance * digest.l2 * Math.sqrt(values.length));
  const ends = [...values.slice(0, digest.first.length), ...values.slice(values.length - digest.last.length)];
  for (const [index, expected] of [...digest.first, ...digest.last].entries()) {
    expect(Math.abs(ends[index]! - expected)).toBeLessThan(tolerance * digest.absmax);
  }
}

describe("evaluate", () => {
  it("agrees with PyTorch on LeNet-5: scores, loss and every gradient, to 1e-9", () => {
    const fixture = readFixture("models/lenet5.json") as ModelFixture;
    const { outputs } = evaluate(lenetGraph({ batch: 4, ending: "gradients" }), {
      inputs: new Map([
        ["image", fill(fixture.input)],
        ["label", Float64Array.from({ length: 4 }, (_, index) => (7 * index + 3) % 10)],
      ]),
      buffers: new Map(fixture.parameters.map((parameter) => [parameter.name, fill(parameter)])),
    });
    expect(Math.abs(outputs.get("loss")![0]! - fixture.training.loss)).toBeLessThan(1e-9);
    expectDigest(outputs.get("logits")!, fixture.inference.output, 1e-9);
    expect(fixture.training.gradients.length).toBe(10);
    for (const digest of fixture.training.gradients) expectDigest(outputs.get(digest.name)!, digest, 1e-9);
  });

  it("draws random numbers from the seed, the stream, the step and the place", () => {
    const graph = buildGraph((builder) => ({ noise: builder.map(e.random(5, 100), [], [2, 3]) }));
    const drawn = evaluate(graph, { seed: 42, variables: { step: 7 } }).outputs.get("noise")!;
    expect([...drawn]).toEqual([0, 1, 2, 3, 4, 5].map((index) => uniform(42, 5, 100 + index, 7)));
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
  });

  it("knows the generator's published vectors", () => {
    // Random123's known answers for threefry2x32 with 20 rounds.
    expect(threefry(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry(-1, -1, -1, -1)).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
  });

  it("runs a loop's reductions in order, row by row", () => {
    const x = signedNumbers([3, 4], 1);
    const graph = buildGraph((builder) => {
      const value = builder.input("x", { dataType: "f32", shape: [3, 4] });
      const exponential = e.unary("exp", e.subtract(e.input(0), e.reduced(0)));
      const [softmax, total] = builder.nodes(
        "loop",
        {
          domain: [3, 4],
          reducedAxes: [1],
          reductions: [
            { combine: "maximum", expression: e.input(0) },
            { combine: "sum", expression: exponential },
          ],
          outputs: [
            { expression: e.divide(exponential, e.reduced(1)), over: "domain" },
            { expression: e.add(e.reduced(1), e.coordinate(0)), over: "kept" },
          ],
        },
        [value],
      );
      return { softmax: softmax!, total: total! };
    });
    const result = evaluate(graph, { inputs: new Map([["x", x]]) }).outputs;
    const rows = [0, 1, 2].map((row) => [...x.slice(row * 4, row * 4 + 4)]);
    const totals = rows.map((row) => row.reduce((sum, item) => sum + Math.exp(item - Math.max(...row)), 0));
    const expected = rows.flatMap((row, index) =>
      row.map((item) => Math.exp(item - Math.max(...row)) / totals[index]!),
    );
    expectClose(result.get("softmax")!, expected, 1e-12, "softmax");
    expectClose(
      result.get("total")!,
      totals.map((total, row) => total + row),
      1e-12,
      "total",
    );
  });

  it("computes scalars from the run's position", () => {
    const builder = createGraphBuilder();
    const rate = builder.scalar(
      "rate",
      e.divide({ kind: "variable", name: "step" }, { kind: "variable", name: "steps" }),
    );
    const graph = builder.finish("test", [{ name: "rate", value: rate }], []);
    expect(evaluate(graph, { variables: { step: 3, steps: 12 } }).outputs.get("rate")![0]).toBe(0.25);
  });

  it("says which source has no values, or too many", () => {
    const graph = buildGraph((builder) => ({ y: builder.input("x", { dataType: "f32", shape: [2] }) }));
    expect(() => evaluate(graph)).toThrow(/no values for x/);
    expect(() => evaluate(graph, { inputs: new Map([["x", [1, 2, 3]]]) })).toThrow(
      /x has 3 values, not \[2\]/,
    );
  });
});
