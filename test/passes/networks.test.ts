/** Whole training steps through all passes. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Graph } from "../../compiler/ir/graph.js";
import { printGraph } from "../../compiler/ir/print.js";
import { verify } from "../../compiler/ir/verify.js";
import { passes, runPasses } from "../../compiler/passes/index.js";
import { expectGolden } from "../support/golden.js";
import { environmentFor, expectMeaning } from "../support/graphs.js";
import { lenetGraph } from "../support/lenet.js";
import { residualGraph } from "../support/residual.js";

/** Nodes that will be kernels. */
function kernels(graph: Graph): string[] {
  const free = ["input", "buffer", "scalar", "constant", "reshape"];
  return graph.nodes.map(({ op }) => op).filter((op) => !free.includes(op));
}

function count(graph: Graph, op: string): number {
  return kernels(graph).filter((kernel) => kernel === op).length;
}

describe("training steps", () => {
  it.each([
    ["LeNet with tanh", lenetGraph({ batch: 2, ending: "adam" })],
    ["LeNet with relu", lenetGraph({ batch: 2, ending: "adam", activation: "relu" })],
    ["LeNet's gradients", lenetGraph({ batch: 2, ending: "gradients" })],
    ["residual blocks with batch norm", residualGraph({ batch: 2, width: 4, size: 5, depth: 3 })],
  ])("%s keep their meaning after every pass", (_name, graph) => {
    verify(graph);
    const environment = environmentFor(graph);
    const wanted = evaluate(graph, environment);
    let after = graph;
    for (const pass of passes) {
      after = pass.run(after);
      verify(after, pass.name);
      expectMeaning(after, wanted, environment);
    }
  });

  it("LeNet's becomes few kernels", () => {
    const graph = runPasses(lenetGraph({ batch: 22, ending: "adam" }));
    expectGolden(new URL("cases/lenet.txt", import.meta.url).pathname, printGraph(graph));
    // Every bias, activation and activation's derivative next to a product is in its epilogue; one update per parameter.
    expect(count(graph, "matmul")).toBe(9);
    expect(count(graph, "reduce")).toBe(0);
    expect(count(graph, "map")).toBe(2);
    expect(count(graph, "loop")).toBe(2 + 10);
    expect(kernels(graph).length).toBe(32);
  });

  it("a residual block's batch norm reads the convolution alone", () => {
    const graph = runPasses(residualGraph({ batch: 8, width: 16, size: 16, depth: 2 }));
    expectGolden(new URL("cases/residual.txt", import.meta.url).pathname, printGraph(graph));
    const forward = graph.nodes.find((node) => node.op === "loop" && node.label === "block0.conv1");
    const images = forward!.outputs.filter((output) => graph.types[output]!.shape.join() === "8,16,16,16");
    // Only the activation is stored: the backward pass computes the normalized values again.
    expect(images.length).toBe(1);
  });

  it("runPasses shows the graph after every pass", () => {
    const seen: string[] = [];
    runPasses(lenetGraph({ batch: 1, ending: "gradients" }), (pass) => seen.push(pass));
    expect(seen).toEqual(passes.map(({ name }) => name));
  });
});
