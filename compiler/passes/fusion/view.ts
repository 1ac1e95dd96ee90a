/** The graph as fusion sees it: who reads what, when reshapes are not there. */
import type { Graph, ValueId } from "../../ir/graph.js";
import { leavingValues } from "../rewrite.js";

/** Reshapes are not there: their results are what they reshape. */
export interface View {
  readonly graph: Graph;
  readonly origin: (value: ValueId) => ValueId;
  /** The index of the node that makes a value. */
  readonly producer: (value: ValueId) => number;
  /** The indices of the nodes that read what a node makes, without reshapes. */
  readonly users: readonly (readonly number[])[];
  /** Values that leave the graph, seen through reshapes. */
  readonly leaving: ReadonlySet<ValueId>;
}

export function viewGraph(graph: Graph): View {
  const producers: number[] = [];
  const origins: ValueId[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    for (const output of node.outputs) {
      producers[output] = index;
      origins[output] = node.op === "reshape" ? origins[node.inputs[0]!]! : output;
    }
  }
  const origin = (value: ValueId): ValueId => origins[value]!;
  const users: number[][] = graph.nodes.map(() => []);
  for (const [index, node] of graph.nodes.entries()) {
    if (node.op === "reshape") continue;
    for (const input of node.inputs) users[producers[origin(input)]!]!.push(index);
  }
  const leaving = new Set([...leavingValues(graph)].map(origin));
  return {
    graph,
    origin,
    producer: (value) => producers[value]!,
    users,
    leaving,
  };
}
