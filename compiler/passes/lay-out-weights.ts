/**
 * Turns the weights of dense layers the way the matrix product reads them, in inference
 * graphs, where `hoist` then does it once and for all.
 *
 * before:  y = matmul(x, w^T)                    w = buffer [n, k]
 * after:   t = transpose w; y = matmul(x, t)     t [k, n]
 *
 * Invariant: only for products with enough rows; for a few, dot products over rows of w
 * are faster as it is.
 */
import type { Graph, Node, TensorType, ValueId } from "../ir/graph.js";
import { weightsOf } from "./weights.js";

/** From this many rows on, a product of tiles beats dot products. */
const fewestRows = 4;

export function layOutWeights(graph: Graph): Graph {
  const weights = weightsOf(graph);
  const types: TensorType[] = [...graph.types];
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (node.op !== "matmul" || !node.attributes.transposeRight) return [node];
    const [left, right, ...operands] = node.inputs;
    if (left === undefined || right === undefined || !weights.has(right)) return [node];
    const rows = graph.types[left]?.shape[node.attributes.transposeLeft ? 1 : 0] ?? 0;
    const shape = graph.types[right]?.shape;
    if (rows < fewestRows || shape === undefined) return [node];
    const turned = types.length as ValueId;
    types.push({ dataType: "f32", shape: [...shape].reverse() });
    return [
      {
        op: "transpose",
        attributes: { order: [1, 0] },
        inputs: [right],
        outputs: [turned],
        label: `lay out ${node.label}`,
      },
      {
        ...node,
        attributes: { ...node.attributes, transposeRight: false },
        inputs: [left, turned, ...operands],
      },
    ];
  });
  return { ...graph, nodes, types };
}
