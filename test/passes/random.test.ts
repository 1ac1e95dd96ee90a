/** Every pass keeps the meaning of random graphs, to 1e-9, and the verifier's approval. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { printGraph } from "../../compiler/ir/print.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { verify } from "../../compiler/ir/verify.js";
import { passes } from "../../compiler/passes/index.js";
import { expectSameMeaning } from "../support/graphs.js";
import { randomGraph } from "./random-graphs.js";

/** Runs a check and, when it fails, shows both graphs. */
function showingGraphs(before: Graph, after: Graph, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(`${String(error)}\n\n${printGraph(before)}\n${printGraph(after)}`, { cause: error });
  }
}

describe("random graphs", () => {
  it.each(passes.map((pass) => [pass.name, pass] as const))(
    "keep their meaning in %s alone",
    (name, pass) => {
      fc.assert(
        fc.property(randomGraph(25), (graph) => {
          verify(graph);
          const after = pass.run(graph);
          showingGraphs(graph, after, () => {
            verify(after, name);
            expectSameMeaning(after, graph);
          });
        }),
        { seed: 1, numRuns: 60 },
      );
    },
  );

  it("keep their meaning through all passes", () => {
    fc.assert(
      fc.property(randomGraph(40), (graph) => {
        let after = graph;
        for (const pass of passes) {
          after = pass.run(after);
          verify(after, pass.name);
        }
        showingGraphs(graph, after, () => {
          expectSameMeaning(after, graph);
        });
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
