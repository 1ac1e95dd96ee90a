/** Graphs and tensors for tests of the stages behind the checker. */
import { expect } from "vitest";
import type { GraphBuilder } from "../../compiler/ir/builder.js";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { evaluate, type Evaluation, type PartialEnvironment } from "../../compiler/ir/evaluate.js";
import type { Graph, ValueId } from "../../compiler/ir/graph.js";
import { elementCount } from "../../compiler/ir/shapes.js";
import { verify } from "../../compiler/ir/verify.js";
import { uniform } from "../../runtime/program/threefry.js";

/** Builds a graph whose outputs are the values returned, by name; it is verified. */
export function buildGraph(build: (builder: GraphBuilder) => Readonly<Record<string, ValueId>>): Graph {
  const builder = createGraphBuilder();
  const outputs = Object.entries(build(builder)).map(([name, value]) => ({ name, value }));
  const graph = builder.finish("test", outputs, []);
  verify(graph);
  return graph;
}

/** Numbers in [-1, 1) that depend only on the seed. */
export function signedNumbers(shape: readonly number[], seed: number): Float64Array {
  return Float64Array.from({ length: elementCount(shape) }, (_, index) => 2 * uniform(seed, 0, index, 0) - 1);
}

/** Values for every input and buffer of a graph: integers below an input's limit, else numbers in [-1, 1). */
export function environmentFor(graph: Graph, seed = 1): PartialEnvironment {
  const inputs = new Map<string, Float64Array>();
  const buffers = new Map<string, Float64Array>();
  for (const [index, node] of graph.nodes.entries()) {
    if (node.op !== "input" && node.op !== "buffer") continue;
    const { name, type } = node.attributes;
    const values = signedNumbers(type.shape, seed * 1000 + index);
    const limit = node.op === "input" ? node.attributes.limit : null;
    // An optimizer's mean of squares.
    if (name.startsWith("squares")) values.forEach((value, at) => (values[at] = Math.abs(value)));
    if (type.dataType === "i32")
      values.forEach((value, at) => (values[at] = Math.floor(((value + 1) / 2) * (limit ?? 10))));
    (node.op === "input" ? inputs : buffers).set(name, values);
  }
  return { inputs, buffers, seed };
}

/** Expects two graphs to have the same outputs and updates, to a tolerance relative to each tensor's largest element. */
export function expectSameMeaning(
  actual: Graph,
  expected: Graph,
  environment = environmentFor(expected),
): void {
  expectMeaning(actual, evaluate(expected, environment), environment);
}

/** Expects a graph to have these outputs and updates. */
export function expectMeaning(actual: Graph, wanted: Evaluation, environment: PartialEnvironment): void {
  const found = evaluate(actual, environment);
  for (const kind of ["outputs", "updates"] as const) {
    expect([...found[kind].keys()]).toEqual([...wanted[kind].keys()]);
    for (const [name, values] of wanted[kind]) {
      // What cancels leaves rounding errors of numbers around 1.
      expectClose(found[kind].get(name)!, values, 1e-9, name, 1e-3);
    }
  }
}

/** Expects every element within `tolerance` times the largest magnitude, or `floor` if that is more. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  floor = 1e-30,
): void {
  expect(actual.length, what).toBe(expected.length);
  let largest = floor;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= tolerance * largest)) {
      expect.fail(`${what}[${String(i)}] is ${String(actual[i])}, not ${String(expected[i])}`);
    }
  }
}
