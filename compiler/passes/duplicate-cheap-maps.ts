/**
 * Gives every reader of a cheap map a copy of its own, which fusion then pulls into the
 * reader: the tensor between them is never stored. Copies that were not pulled in are
 * shared again by `clean-up`.
 *
 * before:  c = x - mean; y = f(c); z = g(c)
 * after:   c1 = x - mean; y = f(c1); c2 = x - mean; z = g(c2)
 *
 * Invariant: a copy reads no more full-size tensors than the map's result was, one.
 */
import type { Graph, NodeOf, ValueId } from "../ir/graph.js";
import { sameShape } from "../ir/shapes.js";
import { dropDeadCode } from "./dead-code.js";
import { isFusible } from "./fusion/build-loop.js";
import { isCheap } from "./fusion/cost.js";
import { viewGraph, type View } from "./fusion/view.js";
import { copyNode, rewrite } from "./rewrite.js";

/** At most this many cheap maps in a row are copied together. */
const longestChain = 4;

export function duplicateCheapMaps(graph: Graph): Graph {
  const view = viewGraph(graph);
  const duplicated = new Set<ValueId>(
    graph.nodes.flatMap((node, index) =>
      node.op === "map" && isWorthCopying(view, node, index) ? node.outputs : [],
    ),
  );
  if (duplicated.size === 0) return graph;
  const copyable = new Set<ValueId>();
  const copied = rewrite(graph, (node, inputs, { builder, producer, copy }) => {
    /** A copy of a cheap map, with copies of the cheap maps that it reads. */
    const duplicate = (value: ValueId, depth: number): ValueId => {
      if (!copyable.has(value) || depth === longestChain) return value;
      const source = producer(value);
      const operands = source.inputs.map((operand) => duplicate(operand, depth + 1));
      const own = builder.labelled(source.label, () => copyNode(source, operands, builder)[0]!);
      copyable.add(own);
      return own;
    };
    const operands = isFusible(node) ? inputs.map((input) => duplicate(input, 0)) : inputs;
    const outputs = copy(node, operands);
    if (node.outputs.some((output) => duplicated.has(output)))
      for (const output of outputs) copyable.add(output);
    return outputs;
  });
  return dropDeadCode(copied);
}

function isWorthCopying(view: View, node: NodeOf<"map">, index: number): boolean {
  const { graph } = view;
  const [output] = node.outputs;
  const users = view.users[index]!;
  if (users.length < 2 || view.leaving.has(output!)) return false;
  const isReadByFusibleOnly = users.every((user) => {
    const reader = graph.nodes[user]!;
    return isFusible(reader) && reader.inputs.includes(output!);
  });
  const fullSize = node.inputs.filter((input) => sameShape(graph.types[input]!.shape, node.attributes.shape));
  return isReadByFusibleOnly && fullSize.length <= 1 && isCheap(node.attributes.expression);
}
