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
  const known = new Map<string | number, Known[]>();
  return rewrite(graph, (node, inputs, { copy }) => {
    const key = lookupKey(node, inputs);
    const candidates = known.get(key);
    const equal = candidates?.find(
      (candidate) => sameInputs(candidate.inputs, inputs) && sameOperation(candidate.node, node),
    );
    if (equal !== undefined) return equal.outputs;
    const outputs = copy(node, inputs);
    if (candidates === undefined) known.set(key, [{ node, inputs, outputs }]);
    else candidates.push({ node, inputs, outputs });
    return outputs;
  });
}

/** A node of the old graph, as it stands in the new one. */
interface Known {
  readonly node: Node;
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
}

/**
 * What equal nodes agree on. A number made of the ends of the inputs is cheaper than a text of
 * all, and few nodes that differ agree on it; without inputs, attributes are all there is.
 */
function lookupKey(node: Node, inputs: readonly ValueId[]): string | number {
  if (inputs.length === 0) return `${node.op} ${attributesKey(node)}`;
  return (Math.imul(inputs[0]!, 31) + inputs.at(-1)!) | 0;
}

function sameInputs(left: readonly ValueId[], right: readonly ValueId[]): boolean {
  return left.length === right.length && left.every((input, index) => input === right[index]);
}

function sameOperation(left: Node, right: Node): boolean {
  if (left.op !== right.op) return false;
  return left.attributes === right.attributes || attributesKey(left) === attributesKey(right);
}

function attributesKey({ attributes }: Node): string {
  return JSON.stringify(attributes);
}
