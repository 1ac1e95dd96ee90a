/**
 * Signatures: texts that are equal for members that make the same loop, wherever in the
 * graph they stand.
 *
 * Invariant: whatever `buildLoop` and `loopCost` ask about members, but for the numbers of
 * nodes and values, stands in their signature.
 */
import type { Node, ValueId } from "../../ir/graph.js";
import type { Axis } from "./axes.js";
import type { View } from "./view.js";

/** @param members indices of nodes, ascending */
export type SignatureOf = (members: readonly number[], axes: readonly Axis[]) => string;

export function createSignatures(view: View): SignatureOf {
  const { nodes } = view.graph;
  const kinds = kindsOf(view);
  /** The places of members in the cluster at hand; -1 for all other nodes. */
  const places = new Int32Array(nodes.length).fill(-1);

  /** Whether somebody else reads what a member makes. */
  function isReadOutside(member: number): boolean {
    return view.users[member]!.some((user) => places[user]! < 0);
  }

  return (members, axes) => {
    for (const [place, member] of members.entries()) places[member] = place;
    const operands: ValueId[] = [];
    let text = "";
    for (const { size, reduced } of axes) text += reduced ? `${String(size)}r,` : `${String(size)},`;
    for (const member of members) {
      const { inputs, outputs } = nodes[member]!;
      text += `;${String(kinds[member])}`;
      if (isReadOutside(member) || view.leaving.has(outputs[0]!)) text += "!";
      for (const input of inputs) {
        const source = view.origin(input);
        const place = places[view.producer(source)]!;
        const known = place < 0 ? operands.indexOf(source) : -1;
        if (place >= 0) text += ` ${String(place)}`;
        else text += ` x${String(known >= 0 ? known : operands.push(source) - 1)}`;
      }
    }
    for (const member of members) places[member] = -1;
    return text;
  };
}

/** By node: a number that is equal for nodes of one op with equal attributes over inputs of the same types. */
function kindsOf({ graph }: View): readonly number[] {
  const known = new Map<string, number>();
  return graph.nodes.map((node: Node) => {
    const shapes = node.inputs.map((input) => graph.types[input]!.shape.join());
    const key = `${node.op} ${shapes.join("|")} ${JSON.stringify(node.attributes)}`;
    const kind = known.get(key) ?? known.size;
    known.set(key, kind);
    return kind;
  });
}
