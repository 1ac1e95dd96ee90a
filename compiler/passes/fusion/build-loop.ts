/**
 * Writes maps and reduces as one loop over a common domain, or finds that they cannot
 * be: every value that stays inside must be read exactly where it was made.
 */
import type { Expression } from "../../../runtime/program/expression.js";
import { invariant } from "../../diagnostics/invariant.js";
import { isLargerThan, replaceLeaves } from "../../ir/expression-tree.js";
import * as e from "../../ir/expressions.js";
import type { Graph, LoopOutput, Node, NodeOf, ValueId } from "../../ir/graph.js";
import { elementCount, keptShape, sameShape } from "../../ir/shapes.js";
import { translateCoordinate, translateShape, type Axis } from "./axes.js";
import { longestExpression } from "./cost.js";

/** What fusion works on. */
export type Fusible = NodeOf<"map"> | NodeOf<"reduce">;

export interface LoopPlan {
  readonly domain: readonly number[];
  readonly reducedAxes: readonly number[];
  /** Values of the graph, seen in a shape that broadcasts to the domain. */
  readonly operands: readonly { readonly value: ValueId; readonly shape: readonly number[] }[];
  readonly reductions: readonly {
    readonly combine: "sum" | "maximum";
    readonly expression: Expression;
  }[];
  /** Each with the values of the graph that it is; equal ones are stored once. */
  readonly outputs: readonly (LoopOutput & { readonly values: readonly ValueId[] })[];
}

/** A loop reads and writes at most this many tensors: each needs an address in a register. */
const mostTensors = 16;

export function isFusible(node: Node): node is Fusible {
  return node.op === "map" || node.op === "reduce";
}

/** The shape at whose positions a node works. */
export function workShape(graph: Graph, node: Fusible): readonly number[] {
  return node.op === "map" ? node.attributes.shape : graph.types[node.inputs[0]!]!.shape;
}

/**
 * @param members in order
 * @param origin sees a value through reshapes
 * @param leaves whether a value is read outside of the members
 * @returns null when the members do not fit into one loop over these axes
 */
export function buildLoop(
  graph: Graph,
  members: readonly Fusible[],
  axes: readonly Axis[],
  origin: (value: ValueId) => ValueId,
  leaves: (value: ValueId) => boolean,
): LoopPlan | null {
  const { domain, reducedAxes } = chooseDomain(graph, members, axes);
  const kept = keptShape(domain, reducedAxes);
  const positions = elementCount(domain);
  const rows = elementCount(kept);
  const operands: LoopPlan["operands"][number][] = [];
  const reductions: LoopPlan["reductions"][number][] = [];
  const outputs: (LoopOutput & { readonly values: ValueId[] })[] = [];
  const inside = new Map<ValueId, { readonly expression: Expression; readonly over: LoopOutput["over"] }>();

  /** How a member that works on `shape`, seen as `view`, reads an operand. */
  function read(operand: ValueId, shape: readonly number[], view: readonly number[]): Expression | null {
    const seen = translateShape(graph.types[operand]!.shape, shape, view);
    if (seen === null) return null;
    const source = origin(operand);
    const own = inside.get(source);
    if (own !== undefined) {
      return sameShape(seen, own.over === "domain" ? domain : kept) ? own.expression : null;
    }
    const operandShape = elementCount(seen) === 1 ? [] : seen;
    let index = operands.findIndex(
      ({ value, shape: known }) => value === source && sameShape(known, operandShape),
    );
    if (index < 0) index = operands.push({ value: source, shape: operandShape }) - 1;
    return e.input(index);
  }

  for (const member of members) {
    const shape = workShape(graph, member);
    const count = elementCount(shape);
    const over = count === positions ? "domain" : "kept";
    const view = over === "domain" ? domain : kept;
    if (count !== (over === "domain" ? positions : rows)) return null;
    const reads = member.inputs.map((operand) => read(operand, shape, view));
    if (reads.includes(null)) return null;
    const output = member.outputs[0]!;
    if (member.op === "reduce" && elementCount(graph.types[output]!.shape) === count) {
      // Over axes of size 1 only.
      inside.set(output, { expression: reads[0]!, over });
    } else if (member.op === "reduce") {
      const left = translateShape(graph.types[output]!.shape, shape, domain);
      if (over === "kept" || left === null || !sameShape(left, kept)) return null;
      reductions.push({ combine: member.attributes.combine, expression: reads[0]! });
      inside.set(output, { expression: e.reduced(reductions.length - 1), over: "kept" });
    } else {
      const expression = translateExpression(
        member.attributes.expression,
        reads as Expression[],
        shape,
        view,
      );
      if (expression === null || isLargerThan(expression, longestExpression)) return null;
      inside.set(output, { expression, over });
    }
    if (!leaves(output)) continue;
    const own = inside.get(output)!;
    const equal = outputs.find(
      (other) => other.over === own.over && e.equalExpressions(other.expression, own.expression),
    );
    if (equal === undefined) outputs.push({ ...own, values: [output] });
    else equal.values.push(output);
  }
  const tensors = operands.filter(({ shape }) => shape.length > 0).length + outputs.length;
  return tensors > mostTensors ? null : { domain, reducedAxes, operands, reductions, outputs };

  function translateExpression(
    expression: Expression,
    reads: readonly Expression[],
    shape: readonly number[],
    view: readonly number[],
  ): Expression | null {
    let isPossible = true;
    const translated = replaceLeaves(expression, (leaf) => {
      if (leaf.kind === "input") return reads[leaf.index]!;
      if (leaf.kind === "coordinate") {
        const coordinate = translateCoordinate(leaf.axis, shape, view);
        isPossible &&= coordinate !== null;
        return coordinate ?? leaf;
      }
      // Its element is the position in the whole domain.
      if (leaf.kind === "random") isPossible &&= view === domain;
      return leaf;
    });
    return isPossible ? translated : null;
  }
}

/** The members' own shape where they agree on one, for people's sake; else the axes they have in common. */
function chooseDomain(
  graph: Graph,
  members: readonly Fusible[],
  axes: readonly Axis[],
): { readonly domain: readonly number[]; readonly reducedAxes: readonly number[] } {
  const sizes = axes.map(({ size }) => size);
  const count = elementCount(sizes);
  let first: readonly number[] | null = null;
  let isShared = true;
  for (const member of members) {
    const shape = workShape(graph, member);
    if (elementCount(shape) !== count) continue;
    first ??= shape;
    isShared &&= sameShape(shape, first);
  }
  invariant(first !== null, "a loop's domain is the shape of one of its members");
  const domain = isShared ? first : sizes;
  const long = domain.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  if (long.length === axes.length) {
    return { domain, reducedAxes: long.filter((_, index) => axes[index]!.reduced) };
  }
  return {
    domain: sizes,
    reducedAxes: axes.flatMap(({ reduced }, axis) => (reduced ? [axis] : [])),
  };
}
