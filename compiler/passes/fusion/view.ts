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
  const origin = (value: ValueId): ValueId => origins[value]!;
  const users: number[][] = [];
  graph.nodes.forEach(({ op, inputs, outputs }, index) => {
    users.push([]);
    outputs.forEach((output) => {
      producers[output] = index;
      origins[output] = op === "reshape" ? origin(inputs[0]!) : output;
    });
    if (op === "reshape") return;
    inputs.forEach((input) => {
      users[producers[origin(input)]!]!.push(index);
    });
  });
  const leaving = new Set([...leavingValues(graph)].map(origin));
  return {
    graph,
    origin,
    producer: (value) => producers[value]!,
    users,
    leaving,
  };
}
