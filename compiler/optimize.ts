/**
 * Runs the passes over all entry points of a Program: each is simplified, cut into blocks of
 * rows where the target cannot hold its tensors in one piece, inference gives away what
 * depends on weights alone to `prepare`, then each is fused.
 */
import type { BufferDefinition, LoweredEntryPoint, LoweredProgram } from "./entry-points.js";
import type { Graph } from "./ir/graph.js";
import { type BufferBlock, blocksOfBuffers, type LargeOutput } from "./ir/row-blocks.js";
import { hoist } from "./passes/hoist.js";
import { fusions, type Pass, preparations, runPasses, simplifications } from "./passes/index.js";
import { splitRows } from "./passes/split-rows.js";

/** Sees the graph of an entry point after each pass. */
export type PassObserver = (entryPoint: string, pass: string, after: Graph) => void;

export interface OptimizedEntryPoint extends LoweredEntryPoint {
  /** Outputs that its graph leaves in buffers. */
  readonly largeOutputs: readonly LargeOutput[];
}

export interface OptimizedProgram extends LoweredProgram {
  readonly entryPoints: readonly OptimizedEntryPoint[];
  /** Of buffers that graphs read and update block by block. */
  readonly blocks: readonly BufferBlock[];
}

export interface OptimizeOptions {
  readonly observe?: PassObserver | undefined;
  /** Of one tensor, where that is possible; null for no limit. */
  readonly mostBytes?: number | null;
  /** Names of optimizations that are left out, to see what each is worth. */
  readonly without?: readonly string[] | undefined;
}

/** What a program is as right without: every pass, and what inference gives away. */
export const optimizations: readonly string[] = [
  ...[...simplifications, ...preparations].map(({ name }) => name),
  "hoist",
  ...fusions.map(({ name }) => name),
];

export function optimize(
  lowered: LoweredProgram,
  { observe = () => undefined, mostBytes = null, without = [] }: OptimizeOptions = {},
): OptimizedProgram {
  const run = (passes: readonly Pass[], { name, graph }: LoweredEntryPoint): Graph =>
    runPasses(
      graph,
      (pass, after) => {
        observe(name, pass, after);
      },
      passes.filter((pass) => !without.includes(pass.name)),
    );
  const simplified = lowered.entryPoints.map((entryPoint) => ({
    ...entryPoint,
    graph: run(simplifications, entryPoint),
  }));
  const cut = simplified.map((entryPoint) => cutEntryPoint(entryPoint, mostBytes, observe));
  const outputs = cut.flatMap(({ largeOutputs }) => largeOutputs.map(outputBuffer));
  const { entryPoints, buffers } = without.includes("hoist")
    ? { entryPoints: cut, buffers: [] }
    : hoistInference(cut, (entryPoint) => run(preparations, entryPoint), observe);
  return {
    buffers: [...lowered.buffers, ...outputs, ...buffers],
    blocks: mostBytes === null ? [] : blocksOfBuffers([...lowered.buffers, ...outputs], mostBytes),
    entryPoints: entryPoints.map((entryPoint) => ({ ...entryPoint, graph: run(fusions, entryPoint) })),
  };
}

function cutEntryPoint(
  entryPoint: LoweredEntryPoint,
  mostBytes: number | null,
  observe: PassObserver,
): OptimizedEntryPoint {
  if (mostBytes === null) return { ...entryPoint, largeOutputs: [] };
  const { graph, largeOutputs } = splitRows(entryPoint.graph, mostBytes, entryPoint.name);
  if (graph === entryPoint.graph) return { ...entryPoint, largeOutputs };
  const simplified = runPasses(graph, undefined, simplifications);
  observe(entryPoint.name, "split-rows", simplified);
  return { ...entryPoint, graph: simplified, largeOutputs };
}

function outputBuffer({ buffer, shape }: LargeOutput): BufferDefinition {
  return { name: buffer, net: null, path: buffer, role: "output", dataType: "f32", shape };
}

/**
 * Only inference: the weights of a training step change under it.
 * @param prepare what is worth its while only where it is done to the weights once and for all
 */
function hoistInference(
  entryPoints: readonly OptimizedEntryPoint[],
  prepare: (entryPoint: OptimizedEntryPoint) => Graph,
  observe: PassObserver,
): Pick<OptimizedProgram, "entryPoints" | "buffers"> {
  const inference = entryPoints.filter(({ kind }) => kind === "predict");
  const hoisted = hoist(inference.map(prepare));
  const rewritten = new Map(inference.map((entryPoint, index) => [entryPoint, hoisted.graphs[index]]));
  const result = entryPoints.map((entryPoint) => {
    const graph = rewritten.get(entryPoint);
    if (graph === undefined) return entryPoint;
    observe(entryPoint.name, "hoist", graph);
    return { ...entryPoint, graph };
  });
  if (hoisted.prepare === null) return { entryPoints: result, buffers: [] };
  observe("prepare", "hoist", hoisted.prepare);
  const prepared: OptimizedEntryPoint = {
    name: "prepare",
    kind: "prepare",
    of: null,
    step: null,
    batch: null,
    graph: hoisted.prepare,
    largeOutputs: [],
  };
  const buffers = hoisted.buffers.map(({ name, type }): BufferDefinition => ({
    name,
    net: null,
    path: name,
    role: "prepared",
    dataType: "f32",
    shape: type.shape,
  }));
  return { entryPoints: [...result, prepared], buffers };
}
