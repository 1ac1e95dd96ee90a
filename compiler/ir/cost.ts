/** What a node costs, read off the op table. */
import { invariant } from "../diagnostics/invariant.js";
import { ops } from "../ops/index.js";
import type { Graph, NodeOf, Op, TensorType, ValueId } from "./graph.js";

/** Floating-point operations of one node; a multiply-add is two. */
export function flopsOf<K extends Op>(graph: Graph, node: NodeOf<K>): number {
  const typeOf = (value: ValueId): TensorType => {
    const type = graph.types[value];
    invariant(type !== undefined, () => `%${String(value)} has no type`);
    return type;
  };
  return ops[node.op].flops(node.attributes, node.inputs.map(typeOf), node.outputs.map(typeOf));
}
