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
  const needed = new Set(leavingValues(graph));
  const alive = [...graph.nodes].reverse().filter((node) => {
    const isAlive = node.op === "input" || node.outputs.some((output) => needed.has(output));
    if (isAlive) for (const input of node.inputs) needed.add(input);
    return isAlive;
  });
  return alive.length === graph.nodes.length ? graph : renumber(graph, alive.reverse());
}

/** The graph of these nodes, with its values numbered anew from 0. */
function renumber(graph: Graph, kept: readonly Node[]): Graph {
  const types: TensorType[] = [];
  const renamed: ValueId[] = [];
  const rename = (value: ValueId): ValueId => renamed[value]!;
  const nodes = kept.map((node): Node => {
    for (const output of node.outputs) renamed[output] = (types.push(graph.types[output]!) - 1) as ValueId;
    return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
  });
  return {
    name: graph.name,
    nodes,
    types,
    outputs: graph.outputs.map(({ name, value }) => ({ name, value: rename(value) })),
    updates: graph.updates.map(({ buffer, value }) => ({ buffer, value: rename(value) })),
  };
}
