/**
 * Signatures: texts that are equal for members that make the same loop, wherever in the
 * graph they stand.
 *
 * Invariant: whatever `buildLoop` and `loopCost` ask about members, but for the numbers of
 * nodes and values, stands in their signature.
 */
import type { ValueId } from "../../ir/graph.js";
import type { Axis } from "./axes.js";
import { isFusible } from "./build-loop.js";
import type { View } from "./view.js";

/** @param members indices of nodes, ascending */
export type SignatureOf = (members: readonly number[], axes: readonly Axis[]) => string;

export function createSignatures(view: View): SignatureOf {
  const { nodes } = view.graph;
  const kinds = kindsOf(view);
  /** The places of members in the cluster at hand; -1 for all other nodes. */
  const places = new Int32Array(nodes.length).fill(-1);

  return (members, axes) => {
    members.forEach((member, place) => (places[member] = place));
    const operands: ValueId[] = [];
    const readsInside = members.map(() => 0);
    // Every fact is one character: with digits the texts would be most of what fusion allocates.
    const facts: number[] = [];
    members.forEach((member) => {
      const kind = kinds[member]!;
      facts.push(kind & 0xffff, kind >>> 16);
      nodes[member]!.inputs.forEach((input) => {
        const source = view.origin(input);
        const place = places[view.producer(source)]!;
        if (place >= 0) {
          readsInside[place]!++;
          facts.push(2 * place);
        } else {
          const known = operands.indexOf(source);
          facts.push(2 * (known >= 0 ? known : operands.push(source) - 1) + 1);
        }
      });
    });
    members.forEach((member, place) => {
      const isReadOutside = readsInside[place]! < view.users[member]!.length;
      facts.push(Number(isReadOutside || view.leaving.has(nodes[member]!.outputs[0]!)));
      places[member] = -1;
    });
    const sizes = axes.map(({ size, reduced }) => (reduced ? `${String(size)}r` : String(size)));
    return `${sizes.join()};${String.fromCharCode(...facts)}`;
  };
}

/** By fusible node: a number that is equal for nodes of one op with equal attributes over inputs of the same types. */
function kindsOf({ graph }: View): readonly number[] {
  const known = new Map<string, number>();
  return graph.nodes.map((node) => {
    if (!isFusible(node)) return -1;
    const shapes = node.inputs.map((input) => graph.types[input]!.shape.join());
    const key = `${node.op} ${shapes.join("|")} ${JSON.stringify(node.attributes)}`;
    const kind = known.get(key) ?? known.size;
    known.set(key, kind);
    return kind;
  });
}
