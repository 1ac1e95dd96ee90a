/** Plans of random graphs: verified by shadow memory, never below the lower bound. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runPasses } from "../../compiler/passes/index.js";
import { randomGraph } from "../passes/random-graphs.js";
import { planProblems, programOf, recordingTarget } from "../support/programs.js";

describe("plans of random graphs", () => {
  it.each([
    ["as they are", (graph: Parameters<typeof runPasses>[0]) => graph],
    ["after all passes", (graph: Parameters<typeof runPasses>[0]) => runPasses(graph)],
  ])("are right, %s", (_, prepare) => {
    fc.assert(
      fc.property(randomGraph(40), (graph) => {
        expect(planProblems(prepare(graph))).toEqual([]);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it("have memory numbers in order, and an arena at the lower bound", () => {
    fc.assert(
      fc.property(randomGraph(40), (graph) => {
        const { memory } = programOf(graph, recordingTarget()).entryPoints[0]!;
        expect(memory.lowerBound).toBeLessThanOrEqual(memory.lowerBoundUnoptimized);
        expect(memory.lowerBoundUnoptimized).toBeLessThanOrEqual(memory.naive);
        expect(memory.arena).toBe(memory.lowerBound);
      }),
      { seed: 6, numRuns: 60 },
    );
  });
});
