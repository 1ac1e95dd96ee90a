/**
 * The scaffold of passes that rebuild a graph node by node, in order.
 *
 * Invariant: the new graph has the old one's name, outputs and updates; types are
 * inferred anew wherever those of the inputs change, so a rewriting that changes one
 * does not get through.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { GraphBuilder } from "../ir/builder.js";
import { createGraphBuilder } from "../ir/create-builder.js";
import type { Graph, Node, NodeOf, Op, TensorType, ValueId } from "../ir/graph.js";
import { sameShape } from "../ir/shapes.js";

export interface RewriteContext {
  readonly builder: GraphBuilder;
  /** The node of the new graph that makes a value of the new graph. */
  readonly producer: (value: ValueId) => Node;
  /** The same node of the old graph over values of the new one. */
  readonly copy: Copy;
}

/** Builds what takes the place of a node; `inputs` are values of the new graph. */
export type RewriteRule = (
  node: Node,
  inputs: readonly ValueId[],
  context: RewriteContext,
) => readonly ValueId[];

export function rewrite(graph: Graph, rule: RewriteRule): Graph {
  const builder = createGraphBuilder();
  const renamed: ValueId[] = [];
  const lookUp = (value: ValueId): ValueId => {
    const found = renamed[value];
    invariant(found !== undefined, () => `%${String(value)} is used before it is defined`);
    return found;
  };
  const context: RewriteContext = {
    builder,
    producer: producerLookup(builder),
    copy: nodeCopier(graph, builder),
  };
  for (const node of graph.nodes) {
    const results = builder.labelled(node.label, () => rule(node, node.inputs.map(lookUp), context));
    invariant(
      results.length === node.outputs.length,
      () => `${node.op} was replaced by something with other outputs`,
    );
    node.outputs.forEach((output, index) => (renamed[output] = results[index]!));
  }
  return builder.finish(
    graph.name,
    graph.outputs.map(({ name, value }) => ({ name, value: lookUp(value) })),
    graph.updates.map(({ buffer, value }) => ({ buffer, value: lookUp(value) })),
  );
}

export type Copy = (node: Node, inputs: readonly ValueId[]) => readonly ValueId[];

/** Copies nodes of a graph; where their inputs keep their types, so do their results. */
export function nodeCopier(graph: Graph, builder: GraphBuilder): Copy {
  return (node, inputs) => {
    const isAlike = inputs.every((input, index) =>
      sameType(builder.type(input), graph.types[node.inputs[index]!]!),
    );
    if (!isAlike) return copyNode(node, inputs, builder);
    return builder.copy(
      node,
      inputs,
      node.outputs.map((output) => graph.types[output]!),
    );
  };
}

function sameType(left: TensorType, right: TensorType): boolean {
  return left === right || (left.dataType === right.dataType && sameShape(left.shape, right.shape));
}

/** The same node over other inputs. */
export function copyNode(node: Node, inputs: readonly ValueId[], builder: GraphBuilder): readonly ValueId[] {
  const { op, attributes } = node as NodeOf<Op>;
  return builder.nodes(op, attributes, inputs);
}

function producerLookup(builder: GraphBuilder): (value: ValueId) => Node {
  const producers: Node[] = [];
  let known = 0;
  return (value) => {
    const nodes = builder.built();
    for (; known < nodes.length; known++) {
      const node = nodes[known]!;
      for (const output of node.outputs) producers[output] = node;
    }
    const producer = producers[value];
    invariant(producer !== undefined, () => `%${String(value)} has no producer`);
    return producer;
  };
}

/** The node that makes each value, by ValueId. */
export function producersOf(graph: Graph): readonly Node[] {
  const producers: Node[] = [];
  for (const node of graph.nodes) for (const output of node.outputs) producers[output] = node;
  return producers;
}

/** By ValueId, the nodes that read a value, in order; a node that reads it twice stands twice. */
export function usersOf(graph: Graph): readonly (readonly Node[])[] {
  const users: Node[][] = graph.types.map(() => []);
  for (const node of graph.nodes) {
    for (const input of node.inputs) users[input]!.push(node);
  }
  return users;
}

/** The values that the host reads or that persistent buffers take. */
export function leavingValues(graph: Graph): ReadonlySet<ValueId> {
  return new Set([...graph.outputs, ...graph.updates].map(({ value }) => value));
}
