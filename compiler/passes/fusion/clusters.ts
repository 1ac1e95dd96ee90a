/**
 * Groups maps and reduces into clusters that will be one loop each.
 *
 * Invariant: contracting every cluster to one node leaves the graph without cycles.
 */
import type { ValueId } from "../../ir/graph.js";
import { elementCount } from "../../ir/shapes.js";
import { axesOf, unify, type Axis } from "./axes.js";
import { buildLoop, isFusible, workShape, type Fusible, type LoopPlan } from "./build-loop.js";
import { type ContractedOrder, contractedOrder } from "./contracted-order.js";
import { loopCost } from "./cost.js";
import { createSignatures } from "./signature.js";
import type { View } from "./view.js";

export interface Cluster {
  /** Indices of the graph's nodes, ascending. */
  readonly members: readonly number[];
  readonly plan: LoopPlan;
}

/** A cluster while it grows. */
interface Draft {
  /** Unique. */
  readonly id: number;
  readonly members: readonly number[];
  readonly axes: readonly Axis[];
  readonly pattern: Pattern;
}

/** What clusters that look the same have in common: the loop of the first one found, and its cost. */
interface Pattern extends Cluster {
  readonly cost: number;
}

/** Loops have at most this many members, to keep the search for better clusters cheap. */
const mostMembers = 64;
/** Of many readers of one tensor, each is offered this many others. */
const mostNeighbours = 8;
/** Merging is repeated, because a merge can make room for another. */
const mostRounds = 4;

/** The clusters with more than one member, in no particular order. */
export function findClusters(view: View): readonly Cluster[] {
  const { graph } = view;
  const patternOf = createPatterns(view);
  const clusterOf: (Draft | null)[] = graph.nodes.map((node, index) =>
    isFusible(node) ? singleton(view, patternOf, node, index) : null,
  );
  const order = contractedOrder(view.users);
  let nextId = graph.nodes.length;
  /** Pairs of ids as one number; every merge leaves one cluster fewer, so ids are below twice the nodes. */
  const refused = new Set<number>();
  const tryMerge = (left: number, right: number): boolean => {
    const one = clusterOf[left];
    const other = clusterOf[right];
    if (!one || !other || one === other) return false;
    const pair = 2 * graph.nodes.length * one.id + other.id;
    if (refused.has(pair)) return false;
    const merged = merge(patternOf, order, one, other, nextId);
    if (merged === null) {
      refused.add(pair);
      return false;
    }
    nextId++;
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
  return [...new Set(clusterOf)].flatMap((cluster) => {
    if (cluster === null || cluster.members.length === 1) return [];
    return [{ members: cluster.members, plan: planLike(cluster.pattern, cluster.members, view) }];
  });
}

/**
 * What only one node reads joins its reader before anything joins what makes it: so a copy
 * made for a reader stays with it.
 */
function mergeLastUses(view: View, tryMerge: (left: number, right: number) => boolean): void {
  for (let index = view.users.length - 1; index >= 0; index--) {
    const users = view.users[index]!;
    if (users.length === 1 && view.graph.nodes[index]!.op === "map") tryMerge(index, users[0]!);
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

function singleton(view: View, patternOf: PatternOf, node: Fusible, index: number): Draft | null {
  const reducedAxes = node.op === "reduce" ? node.attributes.axes : [];
  const axes = axesOf(workShape(view.graph, node), reducedAxes);
  const members = [index];
  const pattern = patternOf(members, axes);
  return pattern === null ? null : { id: index, members, axes, pattern };
}

/** The members as one loop over these axes; null when they are none. */
type PatternOf = (members: readonly number[], axes: readonly Axis[]) => Pattern | null;

/** Deep nets repeat themselves, so loops are planned once for members that look the same. */
function createPatterns(view: View): PatternOf {
  const signatureOf = createSignatures(view);
  const known = new Map<string, Pattern | null>();
  return (members, axes) => {
    const signature = signatureOf(members, axes);
    let pattern = known.get(signature);
    if (pattern === undefined) {
      const plan = planLoop(view, members, axes);
      const operandShapes = plan?.operands.map(({ shape }) => shape) ?? [];
      pattern = plan && { members, plan, cost: loopCost({ ...plan, operandShapes }) };
      known.set(signature, pattern);
    }
    return pattern;
  };
}

/** The loop of a pattern over the values of other members. */
function planLike(pattern: Pattern, members: readonly number[], view: View): LoopPlan {
  const renamed = new Map<ValueId, ValueId>();
  pattern.members.forEach((member, place) => {
    const [one, other] = [view.graph.nodes[member]!, view.graph.nodes[members[place]!]!];
    one.inputs.forEach((input, index) => {
      renamed.set(view.origin(input), view.origin(other.inputs[index]!));
    });
    renamed.set(one.outputs[0]!, other.outputs[0]!);
  });
  const rename = (value: ValueId): ValueId => renamed.get(value)!;
  const { operands, outputs } = pattern.plan;
  return {
    ...pattern.plan,
    operands: operands.map(({ value, shape }) => ({ value: rename(value), shape })),
    outputs: outputs.map((output) => ({ ...output, values: output.values.map(rename) })),
  };
}

/** The members as one loop over these axes; null when they are none, or when nobody reads what they make. */
function planLoop(view: View, members: readonly number[], axes: readonly Axis[]): LoopPlan | null {
  const inside = new Set(members);
  const leaves = (value: ValueId): boolean =>
    view.leaving.has(value) || view.users[view.producer(value)]!.some((user) => !inside.has(user));
  const nodes = members.map((member) => view.graph.nodes[member] as Fusible);
  const plan = buildLoop(view.graph, nodes, axes, view.origin, leaves);
  return plan === null || plan.outputs.length === 0 ? null : plan;
}

/** The union of two clusters, when it is one loop, no cycle arises, and it costs no more than the two. */
function merge(
  patternOf: PatternOf,
  order: ContractedOrder,
  left: Draft,
  right: Draft,
  id: number,
): Draft | null {
  if (left.members.length + right.members.length > mostMembers) return null;
  const axes = unify(left.axes, right.axes);
  if (axes === null) return null;
  // A cycle is found sooner than the loop of many members.
  const contract = order.contraction(left.members, right.members);
  if (contract === null) return null;
  const members = mergeAscending(left.members, right.members);
  const pattern = patternOf(members, axes);
  if (pattern === null || pattern.cost > left.pattern.cost + right.pattern.cost) return null;
  contract();
  return { id, members, axes, pattern };
}

function mergeAscending(left: readonly number[], right: readonly number[]): readonly number[] {
  const merged: number[] = [];
  let [one, other] = [0, 0];
  while (one < left.length && other < right.length) {
    merged.push(left[one]! < right[other]! ? left[one++]! : right[other++]!);
  }
  while (one < left.length) merged.push(left[one++]!);
  while (other < right.length) merged.push(right[other++]!);
  return merged;
}
