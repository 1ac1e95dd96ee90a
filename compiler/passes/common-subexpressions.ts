/**
 * Computes equal things once. Nodes are pure, random numbers included, so equal means
 * the same op, attributes and inputs.
 *
 * before:  a = exp(x); b = exp(x); y = a + b
 * after:   a = exp(x); y = a + a
 */
import type { Graph, ValueId } from "../ir/graph.js";
import { copyNode, rewrite } from "./rewrite.js";

export function shareCommonSubexpressions(graph: Graph): Graph {
  const known = new Map<string, readonly ValueId[]>();
  return rewrite(graph, (node, inputs, { builder }) => {
    const key = JSON.stringify([node.op, node.attributes, inputs]);
    let outputs = known.get(key);
    if (outputs === undefined) known.set(key, (outputs = copyNode(node, inputs, builder)));
    return outputs;
  });
}
