/** Random graphs as whole programs: memory used again and again, in place, in one buffer and in several. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/ir/graph.js";
import { runPasses } from "../../compiler/passes/index.js";
import { webgpuTarget, webgpuTargetWithin } from "../../compiler/plan/webgpu-target.js";
import { lenetGraph } from "../support/lenet.js";
import { buildGraph, environmentFor, expectClose } from "../support/graphs.js";
import { programOf, runOnce } from "../support/programs.js";
import { randomGraph } from "../passes/random-graphs.js";
import { isThorough, runOnWebGpu } from "./support.js";

/** Buffers so small that a program takes several, and shaders that join operands in few bindings. */
const narrow = webgpuTargetWithin({ bindingBytes: 2 ** 12, bufferBytes: 2 ** 12, storageBuffers: 5 });

async function expectSameOnBoth(graph: Graph, target = webgpuTarget): Promise<void> {
  const environment = environmentFor(graph);
  const expected = await runOnce(programOf(graph), environment);
  const actual = await runOnWebGpu(programOf(graph, { target }), environment);
  for (const kind of ["outputs", "buffers"] as const) {
    for (const [name, values] of expected[kind]) {
      expectClose(actual[kind].get(name)!, values, 1e-4, name, 1e-3);
    }
  }
}

describe("a random graph", () => {
  it.each([
    ["whole", webgpuTarget, 31],
    ["in small buffers", narrow, 32],
  ])("computes the same as on the CPU, %s", { timeout: 1_800_000 }, async (_, target, seed) => {
    await fc.assert(
      fc.asyncProperty(randomGraph(24), async (graph) => {
        await expectSameOnBoth(runPasses(graph), target);
      }),
      { seed, numRuns: isThorough ? 60 : 3, endOnFailure: true },
    );
  });
});

describe("a program in several buffers", () => {
  it("reads operands from all of them, joined in few bindings", async () => {
    const graph = buildGraph((builder) => {
      const terms = Array.from({ length: 10 }, (_, index) =>
        builder.input(`x${String(index)}`, { dataType: "f32", shape: [256] }),
      );
      return { sum: terms.reduce((sum, term) => builder.add(builder.scale(sum, 0.5), term)) };
    });
    const fused = runPasses(graph);
    const { shaders } = programOf(fused, { target: narrow });
    expect(shaders!.chunks.length).toBeGreaterThan(2);
    const [dispatch] = shaders!.entryPoints[0]!.dispatches;
    expect(dispatch!.bindings.length).toBeLessThan(5);
    await expectSameOnBoth(fused, narrow);
  });

  it("has larger ones where a tensor is larger", async () => {
    const graph = buildGraph((builder) => {
      const x = builder.input("x", { dataType: "f32", shape: [3, 40] });
      const weight = builder.input("weight", { dataType: "f32", shape: [50, 40] });
      const product = { transposeLeft: false, transposeRight: true, epilogue: null };
      return { y: builder.unary("tanh", builder.node("matmul", product, [x, weight])) };
    });
    const { shaders } = programOf(runPasses(graph), { target: narrow });
    expect(shaders!.largestBinding).toBe(8000);
    expect(shaders!.chunks.map(({ bytes }) => bytes)).toContain(8192);
    await expectSameOnBoth(runPasses(graph), narrow);
  });

  const parts = webgpuTargetWithin({ bindingBytes: 2 ** 18, bufferBytes: 2 ** 18, storageBuffers: 8 });

  it("has every operand in one of them", () => {
    const { shaders } = programOf(runPasses(lenetGraph({ batch: 4, ending: "adam" })), { target: parts });
    expect(shaders!.chunks.length).toBeGreaterThan(3);
    for (const { bindings } of shaders!.entryPoints.flatMap(({ dispatches }) => dispatches)) {
      for (const { offset, bytes } of bindings) {
        const places = shaders!.chunks.filter(
          (chunk) => offset >= chunk.offset && offset + bytes <= chunk.offset + chunk.bytes,
        );
        expect(places.length).toBe(1);
      }
    }
  });
});
