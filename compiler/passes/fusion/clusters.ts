/**
 * Groups maps and reduces into clusters that will be one loop each.
 *
 * Invariant: contracting every cluster to one node leaves the graph without cycles.
 */
import type { Graph, ValueId } from "../../ir/graph.js";
import { elementCount } from "../../ir/shapes.js";
import { leavingValues } from "../rewrite.js";
import { axesOf, unify, type Axis } from "./axes.js";
import { buildLoop, isFusible, workShape, type Fusible, type LoopPlan } from "./build-loop.js";
import { type ContractedOrder, contractedOrder } from "./contracted-order.js";
import { loopCost } from "./cost.js";

export interface Cluster {
  /** Indices of the graph's nodes, ascending. */
  readonly members: readonly number[];
  readonly axes: readonly Axis[];
  readonly plan: LoopPlan;
  readonly cost: number;
}

/** The graph as fusion sees it: reshapes are not there, their results are what they reshape. */
export interface View {
  readonly graph: Graph;
  readonly origin: (value: ValueId) => ValueId;
  /** The index of the node that makes a value. */
  readonly producer: (value: ValueId) => number;
  /** The indices of the nodes that read what a node makes, without reshapes. */
  readonly users: readonly (readonly number[])[];
  /** Values that leave the graph, seen through reshapes. */
  readonly leaving: ReadonlySet<ValueId>;
}

/** Loops have at most this many members, to keep the search for better clusters cheap. */
const mostMembers = 64;
/** Of many readers of one tensor, each is offered this many others. */
const mostNeighbours = 8;
/** Merging is repeated, because a merge can make room for another. */
const mostRounds = 4;

export function viewGraph(graph: Graph): View {
  const producers: number[] = [];
  const origins: ValueId[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    for (const output of node.outputs) {
      producers[output] = index;
      origins[output] = node.op === "reshape" ? origins[node.inputs[0]!]! : output;
    }
  }
  const origin = (value: ValueId): ValueId => origins[value]!;
  const users: number[][] = graph.nodes.map(() => []);
  for (const [index, node] of graph.nodes.entries()) {
    if (node.op === "reshape") continue;
    for (const input of node.inputs) users[producers[origin(input)]!]!.push(index);
  }
  const leaving = new Set([...leavingValues(graph)].map(origin));
  return { graph, origin, producer: (value) => producers[value]!, users, leaving };
}

/** The clusters with more than one member, in no particular order. */
export function findClusters(view: View): readonly Cluster[] {
  const { graph } = view;
  const clusterOf: (Cluster | null)[] = graph.nodes.map((node, index) =>
    isFusible(node) ? singleton(view, node, index) : null,
  );
  const order = contractedOrder(view.users);
  const refused = new WeakMap<Cluster, WeakSet<Cluster>>();
  const tryMerge = (left: number, right: number): boolean => {
    const [one, other] = [clusterOf[left], clusterOf[right]];
    if (!one || !other || one === other || refused.get(one)?.has(other)) return false;
    const merged = merge(view, order, one, other);
    if (merged === null) {
      refused.set(one, (refused.get(one) ?? new WeakSet()).add(other));
      return false;
    }
    for (const member of merged.members) clusterOf[member] = merged;
    return true;
  };
  mergeLastUses(view, tryMerge);
  for (let round = 0, changed = true; changed && round < mostRounds; round++) {
    changed = false;
    for (const [index, node] of graph.nodes.entries()) {
      if (!isFusible(node)) continue;
      for (const input of node.inputs) {
        if (tryMerge(view.producer(view.origin(input)), index)) changed = true;
      }
      // Neighbours that read the same tensor in full, once what feeds them had its chance.
      for (const reader of round === 0 ? [] : neighbours(view, node, index)) {
        if (tryMerge(reader, index)) changed = true;
      }
    }
  }
  return [...new Set(clusterOf)].filter(
    (cluster) => cluster !== null && cluster.members.length > 1,
  ) as Cluster[];
}

/**
 * What only one node reads joins its reader before anything joins what makes it: so a copy
 * made for a reader stays with it.
 */
function mergeLastUses(view: View, tryMerge: (left: number, right: number) => boolean): void {
  for (const [index, users] of [...view.users.entries()].reverse()) {
    const [only] = users;
    if (users.length === 1 && view.graph.nodes[index]!.op === "map") tryMerge(index, only!);
  }
}

/** The last few nodes before this one that also read a tensor that it reads element by element. */
function neighbours(view: View, node: Fusible, index: number): readonly number[] {
  const count = elementCount(workShape(view.graph, node));
  return node.inputs
    .filter((input) => elementCount(view.graph.types[input]!.shape) === count && count > 1)
    .flatMap((input) => {
      const readers = view.users[view.producer(view.origin(input))]!;
      const own = readers.indexOf(index);
      return readers.slice(Math.max(0, own - mostNeighbours), own);
    });
}

function singleton(view: View, node: Fusible, index: number): Cluster | null {
  const reducedAxes = node.op === "reduce" ? node.attributes.axes : [];
  return plannedCluster(view, [index], axesOf(workShape(view.graph, node), reducedAxes));
}

function plannedCluster(view: View, members: readonly number[], axes: readonly Axis[]): Cluster | null {
  const inside = new Set(members);
  const leaves = (value: ValueId): boolean =>
    view.leaving.has(value) || view.users[view.producer(value)]!.some((user) => !inside.has(user));
  const nodes = members.map((member) => view.graph.nodes[member] as Fusible);
  const plan = buildLoop(view.graph, nodes, axes, view.origin, leaves);
  if (plan === null || plan.outputs.length === 0) return null;
  return {
    members,
    axes,
    plan,
    cost: loopCost({ ...plan, operandShapes: plan.operands.map(({ shape }) => shape) }),
  };
}

/** The union of two clusters, when it is one loop, no cycle arises, and it costs no more than the two. */
function merge(view: View, order: ContractedOrder, left: Cluster, right: Cluster): Cluster | null {
  const members = [...left.members, ...right.members].sort((one, other) => one - other);
  if (members.length > mostMembers) return null;
  const axes = unify(left.axes, right.axes);
  if (axes === null) return null;
  const merged = plannedCluster(view, members, axes);
  if (merged === null || merged.cost > left.cost + right.cost) return null;
  return order.contract(left.members, right.members) ? merged : null;
}
