/** Which values of a graph are weights as they are stored: in inference nothing changes them. */
import type { Graph, ValueId } from "../ir/graph.js";

export function weightsOf({ nodes }: Graph): ReadonlySet<ValueId> {
  return new Set(nodes.filter(({ op }) => op === "buffer").flatMap(({ outputs }) => outputs));
}
