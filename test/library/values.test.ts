/** Values that the fixtures do not cover: metrics, penalties, initializers, extremes, statistics. */
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { library } from "../../compiler/library/index.js";
import type { SettingValue } from "../../compiler/library/settings.js";
import { gradient } from "../../compiler/passes/gradient.js";
import { expectClose } from "../support/graphs.js";
import { type ApplyOptions, type TestOperand, apply, bound, sizes } from "./apply.js";

type Values = Readonly<Record<string, readonly number[]>>;

/** The first output of a definition, and its gradient by the named operand. */
function run(
  name: string,
  operands: readonly TestOperand[],
  values: Values,
  settings: Readonly<Record<string, SettingValue>> = {},
  options: ApplyOptions = {},
): { readonly output: number[]; readonly gradient: number[]; readonly statistics: Record<string, number[]> } {
  const { builder, outputs, statistics } = apply(name, operands, settings, options);
  const output = outputs[0]!;
  const axes = builder.shape(output).map((_, axis) => axis);
  const total = axes.length === 0 ? output : builder.reshape(builder.reduce("sum", output, axes), []);
  const [first] = operands;
  const wrt = builder.input(first!.name, { dataType: "f32", shape: first!.shape as readonly number[] });
  const [slope] = gradient(builder, total, [wrt]);
  const named = [...statistics].map(([statistic, value]) => ({ name: statistic, value }));
  const graph = builder.finish(
    name,
    [{ name: "0", value: output }, { name: "gradient", value: slope! }, ...named],
    [],
  );
  const inputs = new Map(Object.entries(values).map(([key, list]) => [key, Float64Array.from(list)]));
  const result = evaluate(graph, { inputs });
  return {
    output: [...result.outputs.get("0")!],
    gradient: [...result.outputs.get("gradient")!],
    statistics: Object.fromEntries(named.map(({ name: key }) => [key, [...result.outputs.get(key)!]])),
  };
}

const scores: TestOperand = { name: "logits", shape: [4, 3] };
const label: TestOperand = { name: "label", shape: [4], dataType: "i32", limit: 3 };
const someScores = [0.1, 0.7, 0.2, 0.5, 0.5, 0.1, 0.3, 0.3, 0.3, 2, 1, 0];

describe("metrics", () => {
  it("count the examples whose highest score is their label's; of equal ones the first", () => {
    const values = { logits: someScores, label: [1, 1, 0, 2] };
    expect(run("accuracy", [scores, label], values).output).toEqual([0.5]);
    expect(run("error", [scores, label], values).output).toEqual([0.5]);
    expect(run("top_k", [scores, label], values, { k: 2 }).output).toEqual([0.75]);
    expect(run("top_k", [scores, label], values, { k: 3 }).output).toEqual([1]);
  });

  it("take distributions as labels", () => {
    const distribution: TestOperand = { name: "label", shape: [4, 3] };
    const values = { logits: someScores, label: [0, 1, 0, 0.2, 0.8, 0, 0.5, 0.5, 0, 0, 0, 1] };
    expect(run("accuracy", [scores, distribution], values).output).toEqual([0.5]);
  });

  it("count scores that are not numbers as mistakes", () => {
    const values = { logits: [NaN, NaN, NaN, ...someScores.slice(3)], label: [0, 0, 0, 0] };
    expect(run("accuracy", [scores, label], values).output).toEqual([0.75]);
  });
});

describe("losses", () => {
  it("take distributions as they take labels", () => {
    const distribution: TestOperand = { name: "label", shape: [4, 3] };
    const oneHot = [0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1];
    for (const smoothing of [0, 0.1]) {
      const integers = run(
        "cross_entropy",
        [scores, label],
        { logits: someScores, label: [1, 1, 0, 2] },
        { smoothing },
      );
      const soft = run(
        "cross_entropy",
        [scores, distribution],
        { logits: someScores, label: oneHot },
        { smoothing },
      );
      expectClose(soft.output, integers.output, 1e-12, "loss");
      expectClose(soft.gradient, integers.gradient, 1e-12, "gradient");
    }
  });

  it("of log-probabilities are those of scores", () => {
    const { builder, outputs } = apply("log_softmax", [scores]);
    const operands = [{ ...scores, name: "log_probabilities" }, label];
    const labels = builder.input("label", { dataType: "i32", shape: [4] }, 3);
    const loss = apply("nll", operands, {}, { builder, inputs: [outputs[0]!, labels] }).outputs[0]!;
    const graph = builder.finish("nll", [{ name: "loss", value: loss }], []);
    const values = { logits: someScores, label: [1, 1, 0, 2] };
    const inputs = new Map(Object.entries(values).map(([key, list]) => [key, Float64Array.from(list)]));
    const expected = run("cross_entropy", [scores, label], values).output[0]!;
    expect(evaluate(graph, { inputs }).outputs.get("loss")![0]).toBeCloseTo(expected, 12);
  });

  it("stay finite, values and gradients, for enormous scores", () => {
    const enormous = [1e4, -1e4, 0, -1e4, 1e4, 1e4, 0, 0, 0, 1e4, 0, -1e4];
    const entropy = run("cross_entropy", [scores, label], { logits: enormous, label: [1, 1, 0, 2] });
    expect(entropy.output[0]).toBeCloseTo((2e4 + Math.log(2) + Math.log(3) + 2e4) / 4, 6);
    expect(entropy.gradient.every(Number.isFinite)).toBe(true);
    const binary = run("bce_with_logits", [scores], { logits: enormous }, { target: 1 });
    expect(binary.output[0]).toBeCloseTo((3 * 1e4 + 5 * Math.log(2)) / 12, 6);
    // At a score of 0 the gradient is sigmoid(0) - 1, exactly.
    expectClose(binary.gradient.slice(0, 3), [0, -1 / 12, -0.5 / 12], 1e-12, "gradient");
    const softplus = run("softplus", [scores], { logits: enormous });
    expectClose(softplus.gradient.slice(0, 3), [1, 0, 0.5], 1e-12, "gradient");
    const elu = run("elu", [scores], { logits: enormous });
    expectClose(elu.gradient.slice(0, 3), [1, 0, 1], 1e-12, "gradient");
    const probability = run(
      "bce",
      [{ name: "probability", shape: [3] }],
      { probability: [0, 1, 0.5] },
      { target: 1 },
    );
    expect(probability.output[0]).toBeCloseTo((100 + Math.log(2)) / 3, 9);
    expect(probability.gradient.every(Number.isFinite)).toBe(true);
  });

  it("compare with numbers", () => {
    expect(run("mse", [{ name: "a", shape: [2] }], { a: [1, 3] }, { b: 1 })).toMatchObject({
      output: [2],
      gradient: [0, 2],
    });
  });

  it("penalize parameters", () => {
    const operands: TestOperand[] = [
      { name: "w", shape: [2, 2] },
      { name: "b", shape: [2] },
    ];
    const values = { w: [1, -2, 3, -4], b: [0.5, 0] };
    expect(run("l1", operands, values)).toMatchObject({ output: [10.5], gradient: [1, -1, 1, -1] });
    expect(run("l2", operands, values)).toMatchObject({ output: [30.25], gradient: [2, -4, 6, -8] });
  });
});

describe("operators", () => {
  const x: TestOperand = { name: "x", shape: [3] };
  it("take a number on either side", () => {
    expect(run("subtract", [x], { x: [1, 2, 4] }, { left: 1 }).output).toEqual([0, -1, -3]);
    expect(run("subtract", [x], { x: [1, 2, 4] }, { right: 1 }).output).toEqual([0, 1, 3]);
    expect(run("divide", [x], { x: [1, 2, 4] }, { left: 2 }).output).toEqual([2, 1, 0.5]);
    expect(run("negate", [x], { x: [1, 2, 4] }).output).toEqual([-1, -2, -4]);
  });
});

describe("detach", () => {
  it("lets no gradient through", () => {
    expect(run("detach", [{ name: "x", shape: [2] }], { x: [3, 4] })).toMatchObject({
      output: [3, 4],
      gradient: [0, 0],
    });
  });
});

describe("slice", () => {
  it("takes every second, and counts from the end", () => {
    const x: TestOperand = { name: "x", shape: [2, 5] };
    const values = { x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };
    expect(
      run("slice", [x], values, { start: sizes("_", "_"), stop: sizes("_", "_"), step: [1, 2] }).output,
    ).toEqual([0, 2, 4, 5, 7, 9]);
    expect(
      run("slice", [x], values, { start: sizes(1, -2), stop: sizes("_", "_"), step: [1, 1] }).output,
    ).toEqual([8, 9]);
    expect(
      run("slice", [x], values, { start: sizes("_", 1), stop: sizes(1, -1), step: [1, 1] }),
    ).toMatchObject({
      output: [1, 2, 3],
      gradient: [0, 1, 1, 1, 0, 0, 0, 0, 0, 0],
    });
  });
});

describe("batch_norm", () => {
  it("moves its running statistics, the variance unbiased", () => {
    const x: TestOperand = { name: "x", shape: [4, 1] };
    const values = { x: [1, 2, 3, 6], weight: [1], bias: [0], running_mean: [1], running_var: [2] };
    const { statistics } = run("batch_norm", [x], values);
    expect(statistics["running_mean"]![0]).toBeCloseTo(0.9 * 1 + 0.1 * 3, 12);
    expect(statistics["running_var"]![0]).toBeCloseTo(0.9 * 2 + 0.1 * (14 / 3), 12);
  });

  it("leaves them alone in inference mode", () => {
    expect(
      apply("batch_norm", [{ name: "x", shape: [4, 1] }], {}, { mode: "inference" }).statistics.size,
    ).toBe(0);
  });
});

describe("resize", () => {
  it("repeats or leaves out pixels when it takes the nearest", () => {
    const x: TestOperand = { name: "x", shape: [1, 1, 1, 5] };
    const values = { x: [0, 1, 2, 3, 4] };
    expect(run("resize", [x], values, { h: 1, w: 7, mode: "nearest" }).output).toEqual([0, 0, 1, 2, 2, 3, 4]);
    expect(run("resize", [x], values, { h: 2, w: 3, mode: "nearest" }).output).toEqual([0, 1, 3, 0, 1, 3]);
  });
});

describe("initializers", () => {
  const shape = [64, 16, 5, 5];
  const [fanIn, fanOut] = [16 * 25, 64 * 25];
  const deviations: Readonly<Record<string, number>> = {
    normal: 0.02,
    uniform: 0.3 / Math.sqrt(3),
    he_normal: Math.sqrt(2 / fanIn),
    he_uniform: Math.sqrt(2 / fanIn),
    xavier_normal: Math.sqrt(2 / (fanIn + fanOut)),
    xavier_uniform: Math.sqrt(2 / (fanIn + fanOut)),
    zeros: 0,
    ones: 0,
  };

  it.each(Object.entries(deviations))("%s has its mean and deviation", (name, deviation) => {
    const definition = library.get(name);
    if (definition?.kind !== "initializer") throw new Error(`${name} is no initializer`);
    const given = name === "normal" ? { std: 0.02 } : name === "uniform" ? { bound: 0.3 } : {};
    const builder = createGraphBuilder();
    const expression = definition.value({ settings: bound(definition, given), shape, stream: 0xffffffff });
    const graph = builder.finish("w", [{ name: "w", value: builder.map(expression, [], shape) }], []);
    const values = evaluate(graph, { seed: 5 }).outputs.get("w")!;
    const mean = values.reduce((total, value) => total + value, 0) / values.length;
    const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - (name === "ones" ? 1 : 0))).toBeLessThanOrEqual(0.02 * deviation);
    expect(Math.abs(Math.sqrt(variance) - deviation)).toBeLessThanOrEqual(0.02 * deviation);
    if (name.endsWith("uniform")) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeLessThanOrEqual(Math.sqrt(3) * deviation * (1 + 1e-9));
    }
  });
});

describe("optimizers", () => {
  it("keep only the state they need", () => {
    const states = (name: string, given: Readonly<Record<string, SettingValue>> = {}) => {
      const definition = library.get(name);
      if (definition?.kind !== "optimizer") throw new Error(`${name} is no optimizer`);
      return definition.state(bound(definition, { lr: 0.1, ...given }));
    };
    expect(states("sgd")).toEqual([]);
    expect(states("sgd", { momentum: 0.9 })).toEqual(["velocity"]);
    expect(states("rmsprop")).toEqual(["squares"]);
    expect(states("adam")).toEqual(["mean", "squares"]);
  });
});
