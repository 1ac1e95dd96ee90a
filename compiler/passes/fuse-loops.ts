/**
 * Fuses maps and reduces over one domain into loops, through reshapes, wherever that
 * saves more memory traffic than it costs in work done twice.
 *
 * before:  m = max x; s = x - m; e = exp s; t = sum e; y = e / t
 * after:   y = loop over x { r0 = maximum in0; r1 = sum exp(in0 - r0); out exp(in0 - r0) / r1 }
 */
import { invariant } from "../diagnostics/invariant.js";
import type { GraphBuilder } from "../ir/builder.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph, ValueId } from "../ir/graph.js";
import { findClusters, type Cluster } from "./fusion/clusters.js";
import { viewGraph } from "./fusion/view.js";
import type { LoopPlan } from "./fusion/build-loop.js";
import { nodeCopier } from "./rewrite.js";

export function fuseLoops(graph: Graph): Graph {
  const view = viewGraph(graph);
  const clusterOf = new Map<number, Cluster>();
  for (const cluster of findClusters(view)) {
    for (const member of cluster.members) clusterOf.set(member, cluster);
  }

  const builder = createGraphBuilder();
  const copy = nodeCopier(graph, builder);
  const renamed = new Map<ValueId, ValueId>();
  const emitted = new Set<number>();

  /** The value in the new graph, after whatever makes it has been emitted. */
  function use(value: ValueId): ValueId {
    emit(view.producer(value));
    const found = renamed.get(value);
    invariant(found !== undefined, () => `%${String(value)} was not made by what should make it`);
    return found;
  }

  function emit(index: number): void {
    if (emitted.has(index)) return;
    const cluster = clusterOf.get(index);
    for (const member of cluster?.members ?? [index]) emitted.add(member);
    const node = graph.nodes[index]!;
    if (cluster === undefined) {
      const inputs = node.inputs.map(use);
      const outputs = builder.labelled(node.label, () => copy(node, inputs));
      node.outputs.forEach((output, position) => renamed.set(output, outputs[position]!));
    } else {
      const operands = cluster.plan.operands.map(({ value }) => use(value));
      const label = labelOf(graph, cluster);
      const outputs = builder.labelled(label, () => emitLoop(builder, cluster.plan, operands));
      for (const [position, { values }] of cluster.plan.outputs.entries()) {
        for (const value of values) {
          const { shape } = graph.types[value]!;
          renamed.set(
            value,
            builder.labelled(label, () => builder.reshape(outputs[position]!, shape)),
          );
        }
      }
    }
  }

  for (const [index, node] of graph.nodes.entries()) {
    // A reshape may only have connected members; a loop waits for its last one. Both come when something needs them.
    if (node.op === "reshape") continue;
    const cluster = clusterOf.get(index);
    if (cluster === undefined || cluster.members.at(-1) === index) emit(index);
  }
  return builder.finish(
    graph.name,
    graph.outputs.map(({ name, value }) => ({ name, value: use(value) })),
    graph.updates.map(({ buffer, value }) => ({ buffer, value: use(value) })),
  );
}

/** Builds the loop, or the map that does. */
function emitLoop(builder: GraphBuilder, plan: LoopPlan, values: readonly ValueId[]): readonly ValueId[] {
  const { domain, reducedAxes, reductions } = plan;
  const operands = plan.operands.map(({ shape }, index) => builder.reshape(values[index]!, shape));
  const outputs = plan.outputs.map(({ expression, over }) => ({ expression, over }));
  const [only] = outputs;
  return outputs.length === 1 && reductions.length === 0
    ? [builder.map(only!.expression, operands, domain)]
    : builder.nodes("loop", { domain, reducedAxes, reductions, outputs }, operands);
}

/** The labels of the members that say something, without repetition. */
function labelOf(graph: Graph, { members }: Cluster): string {
  const labels = new Set(members.map((member) => graph.nodes[member]!.label).filter((label) => label !== ""));
  return [...labels].join(" + ");
}
