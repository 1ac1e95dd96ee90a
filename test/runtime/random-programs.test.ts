/** Random graphs through selection, planning, code and runtime, against the float64 evaluator. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { printGraph } from "../../compiler/ir/print.js";
import { runPasses } from "../../compiler/passes/index.js";
import { randomGraph } from "../passes/random-graphs.js";
import { environmentFor } from "../support/graphs.js";
import { programOf, runOnce } from "../support/programs.js";

/** Chains of 25 ops and their gradients, in float32; relative to the largest element, or to 1. */
const tolerance = 1e-4;

function expectNear(found: ArrayLike<number>, wanted: Float64Array, name: string): void {
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  wanted.forEach((value, index) => {
    const difference = Math.abs(found[index]! - value);
    expect(
      difference,
      `${name}[${String(index)}]: ${String(found[index])} is not ${String(value)}`,
    ).toBeLessThan(tolerance * scale);
  });
}

async function expectAgreement(graph: Graph, meant: Graph, threads = 1): Promise<void> {
  const environment = roundedEnvironment(meant);
  const wanted = evaluate(meant, environment);
  const found = await runOnce(programOf(graph, { threads }), environment, threads);
  try {
    for (const [name, values] of wanted.outputs) expectNear(found.outputs.get(name)!, values, name);
    for (const [name, values] of wanted.updates) expectNear(found.buffers.get(name)!, values, name);
  } catch (error) {
    throw new Error(`${String(error)}\n${printGraph(graph)}`, { cause: error });
  }
}

/** Values that float32 holds exactly, so that both sides start from the same. */
function roundedEnvironment(graph: Graph) {
  const { inputs, buffers, ...rest } = environmentFor(graph, 3);
  const round = (values: ReadonlyMap<string, ArrayLike<number>> = new Map()) =>
    new Map([...values].map(([name, data]) => [name, Float64Array.from(data, Math.fround)]));
  return { ...rest, inputs: round(inputs), buffers: round(buffers) };
}

describe("random graphs, compiled and run", () => {
  it("compute what the evaluator says, as they are", async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph(15), (graph) => expectAgreement(graph, graph)),
      { seed: 11, numRuns: 60 },
    );
  });

  it("compute what the evaluator says, after all passes", async () => {
    await fc.assert(
      fc.asyncProperty(randomGraph(25), (graph) => expectAgreement(runPasses(graph), graph)),
      { seed: 12, numRuns: 100 },
    );
  });
});
