/**
 * Computes equal things once. Nodes are pure, random numbers included, so equal means
 * the same op, attributes and inputs.
 *
 * before:  a = exp(x); b = exp(x); y = a + b
 * after:   a = exp(x); y = a + a
 */
import type { Graph, Node, ValueId } from "../ir/graph.js";
import { rewrite } from "./rewrite.js";

export function shareCommonSubexpressions(graph: Graph): Graph {
  const known = new Map<string, { readonly node: Node; readonly outputs: readonly ValueId[] }[]>();
  return rewrite(graph, (node, inputs, { copy }) => {
    // Few nodes agree on op and inputs, so attributes are seldom compared; without inputs they are all there is.
    const key = `${node.op} ${inputs.length === 0 ? attributesKey(node) : inputs.join()}`;
    const candidates = known.get(key);
    const equal = candidates?.find((candidate) => sameAttributes(candidate.node, node));
    if (equal !== undefined) return equal.outputs;
    const outputs = copy(node, inputs);
    if (candidates === undefined) known.set(key, [{ node, outputs }]);
    else candidates.push({ node, outputs });
    return outputs;
  });
}

function sameAttributes(left: Node, right: Node): boolean {
  return left.attributes === right.attributes || attributesKey(left) === attributesKey(right);
}

function attributesKey({ attributes }: Node): string {
  return JSON.stringify(attributes);
}
