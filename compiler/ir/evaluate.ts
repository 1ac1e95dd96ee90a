/**
 * The reference meaning of a Graph, in float64: for tests and gradient checks. It reads
 * the op table and nothing else, so every backend can be held against it.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { EvaluationEnvironment } from "../ops/definition.js";
import { ops } from "../ops/index.js";
import type { Graph, Node, NodeOf, Op, TensorType, ValueId } from "./graph.js";

export type { EvaluationEnvironment };

export interface Evaluation {
  /** By output name, row-major. */
  readonly outputs: ReadonlyMap<string, Float64Array>;
  /** By buffer name: what it becomes. */
  readonly updates: ReadonlyMap<string, Float64Array>;
}

/** What `evaluate` needs, with the rest by default: step 0 of 1, seed 0, nothing given. */
export type PartialEnvironment = Partial<Omit<EvaluationEnvironment, "variables">> & {
  readonly variables?: Partial<EvaluationEnvironment["variables"]>;
};

/** Sees a node with the values it read and computed; what it returns takes the place of the latter. */
export type NodeObserver = (
  node: Node,
  inputs: readonly Float64Array[],
  results: readonly Float64Array[],
) => readonly Float64Array[];

/**
 * Evaluates a graph that verifies.
 * @param observe called after every node, in order
 * @throws InternalError when a source has no values, or the wrong number of them
 */
export function evaluate(
  graph: Graph,
  given: PartialEnvironment = {},
  observe: NodeObserver = (_node, _inputs, results) => results,
): Evaluation {
  const environment: EvaluationEnvironment = {
    inputs: given.inputs ?? new Map<string, Float64Array>(),
    buffers: given.buffers ?? new Map<string, Float64Array>(),
    seed: given.seed ?? 0,
    variables: { step: 0, steps: 1, epoch_steps: 1, ...given.variables },
  };
  const values = new Map<ValueId, Float64Array>();
  const lastUse = lastUses(graph);
  for (const [index, node] of graph.nodes.entries()) {
    const inputs = inputsOf(node, values);
    const results = observe(node, inputs, evaluateNode(node as NodeOf<Op>, graph.types, inputs, environment));
    for (const [position, output] of node.outputs.entries()) values.set(output, results[position]!);
    for (const value of [...node.inputs, ...node.outputs]) {
      if ((lastUse.get(value) ?? index) <= index) values.delete(value);
    }
  }
  return {
    outputs: new Map(graph.outputs.map(({ name, value }) => [name, values.get(value)!])),
    updates: new Map(graph.updates.map(({ buffer, value }) => [buffer, values.get(value)!])),
  };
}

function inputsOf(node: Node, values: ReadonlyMap<ValueId, Float64Array>): readonly Float64Array[] {
  return node.inputs.map((input) => {
    const value = values.get(input);
    invariant(value !== undefined, () => `%${String(input)} has no value`);
    return value;
  });
}

function evaluateNode<K extends Op>(
  node: NodeOf<K>,
  types: readonly TensorType[],
  inputs: readonly Float64Array[],
  environment: EvaluationEnvironment,
): readonly Float64Array[] {
  return ops[node.op].evaluate({
    attributes: node.attributes,
    inputs,
    inputTypes: node.inputs.map((input) => types[input]!),
    outputTypes: node.outputs.map((output) => types[output]!),
    environment,
  });
}

/** The index of the last node that reads each value, so that its memory can go; outputs stay. */
function lastUses(graph: Graph): ReadonlyMap<ValueId, number> {
  const last = new Map<ValueId, number>();
  for (const [index, node] of graph.nodes.entries()) {
    for (const input of node.inputs) last.set(input, index);
  }
  for (const { value } of [...graph.outputs, ...graph.updates]) last.set(value, Infinity);
  return last;
}
