/** Contraction agrees with a search over the whole contracted graph, and its order stays topological. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ContractedOrder, contractedOrder } from "../../compiler/passes/fusion/contracted-order.js";

const size = 14;

/** Edges from earlier nodes to later ones, and pairs of nodes whose groups shall become one, in turn. */
const problems = fc.record({
  edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
  pairs: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 25 }),
});

function usersOf(edges: readonly (readonly [number, number])[]): number[][] {
  const users = Array.from({ length: size }, (): number[] => []);
  for (const [one, other] of edges) {
    if (one !== other) users[Math.min(one, other)]!.push(Math.max(one, other));
  }
  return users;
}

/** Whether the graph that is left when every group is one node has a cycle: nodes without predecessors are taken away. */
function hasCycle(users: readonly (readonly number[])[], groupOf: readonly number[]): boolean {
  const edges = users.flatMap((readers, node) =>
    readers.map((reader) => [groupOf[node]!, groupOf[reader]!] as const).filter(([from, to]) => from !== to),
  );
  let left = new Set(groupOf);
  for (;;) {
    const blocked = new Set(edges.filter(([from]) => left.has(from)).map(([, to]) => to));
    const next = new Set([...left].filter((group) => blocked.has(group)));
    if (next.size === left.size) return next.size > 0;
    left = next;
  }
}

/** Whether the two became one group. */
function contract(order: ContractedOrder, left: readonly number[], right: readonly number[]): boolean {
  const contraction = order.contraction(left, right);
  contraction?.();
  return contraction !== null;
}

describe("contracting groups of nodes", () => {
  it("is refused exactly where it closes a cycle", () => {
    let refusals = 0;
    fc.assert(
      fc.property(problems, ({ edges, pairs }) => {
        const users = usersOf(edges);
        const order = contractedOrder(users);
        let groupOf = users.map((_, node) => node);
        const membersOf = (group: number): number[] =>
          groupOf.flatMap((own, node) => (own === group ? [node] : []));
        for (const [left, right] of pairs) {
          const [one, other] = [groupOf[left]!, groupOf[right]!];
          if (one === other) continue;
          const merged = groupOf.map((group) => (group === other ? one : group));
          const isPossible = !hasCycle(users, merged);
          expect(contract(order, membersOf(one), membersOf(other))).toBe(isPossible);
          if (isPossible) groupOf = merged;
          else refusals++;
        }
      }),
      { seed: 9, numRuns: 1000 },
    );
    expect(refusals).toBeGreaterThan(100);
  });

  it("sees a path through a third group, whichever of the two is named first", () => {
    const users = [[1, 2], [2], []];
    expect(contract(contractedOrder(users), [0], [2])).toBe(false);
    expect(contract(contractedOrder(users), [2], [0])).toBe(false);
    expect(contract(contractedOrder(users), [1], [2])).toBe(true);
  });

  it("remembers groups: two diamonds that share a side", () => {
    //  0 -> 1 -> 3, 0 -> 2 -> 3: once 1 and 2 are one, 0 and 3 cannot be.
    const order = contractedOrder([[1, 2], [3], [3], []]);
    expect(contract(order, [1], [2])).toBe(true);
    expect(contract(order, [0], [3])).toBe(false);
    expect(contract(order, [0], [1, 2])).toBe(true);
    expect(contract(order, [0, 1, 2], [3])).toBe(true);
  });
});
