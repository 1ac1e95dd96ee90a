/**
 * Drops nodes that no output and no update needs. Inputs stay: they are the signature
 * that the host fills.
 *
 * before:  a = f(x); b = g(x); output a
 * after:   a = f(x); output a
 */
import type { Graph, Node, TensorType, ValueId } from "../ir/graph.js";
import { leavingValues } from "./rewrite.js";

export function dropDeadCode(graph: Graph): Graph {
  const isNeeded = new Array<boolean>(graph.types.length).fill(false);
  for (const value of leavingValues(graph)) isNeeded[value] = true;
  const alive: Node[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index]!;
    if (node.op !== "input" && !node.outputs.some((output) => isNeeded[output])) continue;
    alive.push(node);
    node.inputs.forEach((input) => (isNeeded[input] = true));
  }
  return alive.length === graph.nodes.length ? graph : renumber(graph, alive.reverse());
}

/** The graph of these nodes, with its values numbered anew from 0. */
function renumber(graph: Graph, kept: readonly Node[]): Graph {
  const types: TensorType[] = [];
  const renamed: ValueId[] = [];
  const rename = (value: ValueId): ValueId => renamed[value]!;
  const nodes = kept.map(({ op, attributes, inputs, outputs, label }) => {
    outputs.forEach((output) => (renamed[output] = (types.push(graph.types[output]!) - 1) as ValueId));
    return { op, attributes, inputs: inputs.map(rename), outputs: outputs.map(rename), label } as Node;
  });
  return {
    name: graph.name,
    nodes,
    types,
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: rename(value) })),
    updates: graph.updates.map(({ buffer, value }) => ({ buffer, value: rename(value) })),
  };
}
