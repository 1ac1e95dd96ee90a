/**
 * Every single-op case from PyTorch: output and gradients of the lowering, by the float64
 * evaluator to 1e-9 and, after all passes, by the CPU's kernels to 1e-4.
 */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { runPasses } from "../../compiler/passes/index.js";
import { programOf, runOnce } from "../support/programs.js";
import { layerOf } from "./apply.js";
import { cases, expectFixture, graphOf, renamed } from "./op-cases.js";

const named = cases.map((entry) => [entry.id, entry] as const);

describe("the lowering of", () => {
  it.each(named)("%s agrees with PyTorch", (_, entry) => {
    const { graph, values, outputShape } = graphOf(entry);
    expect(outputShape).toEqual(entry.output.shape);
    expectFixture(entry, evaluate(graph, { inputs: values }).outputs, 1e-9);
  });

  it.each(named)("%s agrees with PyTorch on the CPU's kernels", async (_, entry) => {
    const { graph, values } = graphOf(entry);
    const { outputs } = await runOnce(programOf(runPasses(graph)), { inputs: values });
    expectFixture(entry, outputs, 1e-4);
  });

  it("covers every op of the fixtures", () => {
    for (const { op } of cases) expect(layerOf(renamed[op] ?? op).name).toBeTruthy();
  });
});
