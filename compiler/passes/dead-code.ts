/**
 * Drops nodes that no output and no update needs. Inputs stay: they are the signature
 * that the host fills.
 *
 * before:  a = f(x); b = g(x); output a
 * after:   a = f(x); output a
 */
import type { Graph } from "../ir/graph.js";
import { copyNode, leavingValues, rewrite } from "./rewrite.js";

export function dropDeadCode(graph: Graph): Graph {
  const needed = new Set(leavingValues(graph));
  const alive = [...graph.nodes].reverse().filter((node) => {
    const isAlive = node.op === "input" || node.outputs.some((output) => needed.has(output));
    if (isAlive) for (const input of node.inputs) needed.add(input);
    return isAlive;
  });
  return rewrite({ ...graph, nodes: alive.reverse() }, (node, inputs, { builder }) =>
    copyNode(node, inputs, builder),
  );
}
