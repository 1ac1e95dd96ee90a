/** Schedules respect every dependency, and lower the peak where the given order wastes memory. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import { cpuTarget } from "../../compiler/plan/cpu-target.js";
import { scheduleSteps } from "../../compiler/plan/schedule.js";
import { planWork } from "../../compiler/plan/work.js";
import { selectCpu } from "../../compiler/select/cpu.js";
import { randomGraph } from "../passes/random-graphs.js";
import { planProblems, programOf, recordingTarget } from "../support/programs.js";

describe("schedules", () => {
  it("contain every step once, after all that it needs", () => {
    fc.assert(
      fc.property(randomGraph(30), (graph) => {
        const work = planWork(selectCpu(graph), cpuTarget, { threads: 1, updateInPlace: true });
        const order = scheduleSteps(work);
        expect([...order].sort((a, b) => a - b)).toEqual(work.steps.map((_, step) => step));
        const position = new Map(order.map((step, at) => [step, at]));
        work.steps.forEach(({ after }, step) => {
          for (const earlier of after) expect(position.get(earlier)!).toBeLessThan(position.get(step)!);
        });
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  it("reduce branches one by one when a file writes all of them first", () => {
    // Eight large maps, then eight sums: as written all maps live together.
    const b = createGraphBuilder();
    const x = b.input("x", { dataType: "f32", shape: [64, 64] });
    const branches = [1, 2, 3, 4, 5, 6, 7, 8].map((factor) =>
      b.node("transpose", { order: [1, 0] }, [b.scale(x, factor)]),
    );
    const sums = branches.map((branch) => b.reduce("sum", branch, [0, 1]));
    const graph = b.finish(
      "test",
      [{ name: "y", value: sums.reduce((left, right) => b.add(left, right)) }],
      [],
    );
    const { memory } = programOf(graph, recordingTarget()).entryPoints[0]!;
    const tensor = 64 * 64 * 4;
    expect(memory.lowerBoundUnoptimized).toBeGreaterThan(8 * tensor);
    expect(memory.arena).toBeLessThan(3.1 * tensor);
    expect(planProblems(graph)).toEqual([]);
  });

  it("work in place along a chain of maps", () => {
    const b = createGraphBuilder();
    const x = b.input("x", { dataType: "f32", shape: [1000] });
    const y = ["tanh", "exp", "abs", "sin"].reduce(
      (value, operator) => b.unary(operator as "tanh", value),
      x,
    );
    const graph = b.finish("test", [{ name: "y", value: y }], []);
    const { memory } = programOf(graph, recordingTarget()).entryPoints[0]!;
    expect(memory.arena).toBe(4000);
    expect(memory.naive).toBe(5 * 4000);
  });
});
