/**
 * Runs the passes over all entry points of a Program: each is simplified, inference gives
 * away what depends on weights alone to `prepare`, then each is fused.
 */
import type { BufferDefinition, LoweredEntryPoint, LoweredProgram } from "./entry-points.js";
import type { Graph } from "./ir/graph.js";
import { hoist } from "./passes/hoist.js";
import { fusions, runPasses, simplifications } from "./passes/index.js";
import { layOutWeights } from "./passes/lay-out-weights.js";

/** Sees the graph of an entry point after each pass. */
export type PassObserver = (entryPoint: string, pass: string, after: Graph) => void;

export function optimize(lowered: LoweredProgram, observe: PassObserver = () => undefined): LoweredProgram {
  const simplified = lowered.entryPoints.map((entryPoint) => ({
    ...entryPoint,
    graph: runPasses(
      entryPoint.graph,
      (pass, after) => {
        observe(entryPoint.name, pass, after);
      },
      simplifications,
    ),
  }));
  const { entryPoints, buffers } = hoistInference(simplified, observe);
  return {
    buffers: [...lowered.buffers, ...buffers],
    entryPoints: entryPoints.map((entryPoint) => ({
      ...entryPoint,
      graph: runPasses(
        entryPoint.graph,
        (pass, after) => {
          observe(entryPoint.name, pass, after);
        },
        fusions,
      ),
    })),
  };
}

/** Only inference: the weights of a training step change under it. */
function hoistInference(entryPoints: readonly LoweredEntryPoint[], observe: PassObserver): LoweredProgram {
  const inference = entryPoints.filter(({ kind }) => kind === "predict");
  const hoisted = hoist(inference.map(({ graph }) => layOutWeights(graph)));
  const rewritten = new Map(inference.map((entryPoint, index) => [entryPoint, hoisted.graphs[index]]));
  const result = entryPoints.map((entryPoint) => {
    const graph = rewritten.get(entryPoint);
    if (graph === undefined) return entryPoint;
    observe(entryPoint.name, "hoist", graph);
    return { ...entryPoint, graph };
  });
  if (hoisted.prepare === null) return { entryPoints: result, buffers: [] };
  observe("prepare", "hoist", hoisted.prepare);
  const prepare: LoweredEntryPoint = {
    name: "prepare",
    kind: "prepare",
    of: null,
    step: null,
    batch: null,
    graph: hoisted.prepare,
  };
  const buffers = hoisted.buffers.map(({ name, type }): BufferDefinition => ({
    name,
    net: null,
    path: name,
    role: "prepared",
    dataType: "f32",
    shape: type.shape,
  }));
  return { entryPoints: [...result, prepare], buffers };
}
