/**
 * Checks a Graph from nothing but the op table: run after every pass.
 *
 * Invariant: a graph that verifies can be evaluated, selected and planned.
 */
import { InternalError, invariant } from "../diagnostics/invariant.js";
import type { Graph, Node, NodeOf, Op, TensorType, ValueId } from "./graph.js";
import { ops } from "../ops/index.js";
import { printGraph } from "./print.js";
import { sameShape } from "./shapes.js";

/**
 * Checks single assignment, topological order, every type against what the op table
 * infers, and that names of sources, outputs and updates are unique.
 *
 * @param after what made the graph, for the message: a pass's name
 * @throws InternalError that names the pass and prints the graph
 */
export function verify(graph: Graph, after = "building"): void {
  try {
    checkGraph(graph);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    throw new InternalError(`after ${after}: ${error.message}\n\n${printGraph(graph)}`);
  }
}

function checkGraph(graph: Graph): void {
  const defined = new Set<ValueId>();
  const sources = new Set<string>();
  for (const [index, node] of graph.nodes.entries()) {
    const where = `node ${String(index)} (${node.op})`;
    for (const input of node.inputs) {
      invariant(defined.has(input), () => `${where} reads %${String(input)} before it is defined`);
    }
    const inferred = inferTypes(
      node as NodeOf<Op>,
      node.inputs.map((input) => graph.types[input]!),
      where,
    );
    invariant(
      inferred.length === node.outputs.length,
      () => `${where} has ${String(inferred.length)} outputs`,
    );
    for (const [position, output] of node.outputs.entries()) {
      invariant(!defined.has(output), () => `${where} defines %${String(output)} again`);
      defined.add(output);
      checkType(graph.types[output], inferred[position]!, `${where}, %${String(output)}`);
    }
    checkSource(node, sources);
  }
  const outputNames = graph.outputs.map(({ name }) => name);
  const updated = graph.updates.map(({ buffer }) => buffer);
  invariant(new Set(outputNames).size === outputNames.length, "two outputs have one name");
  invariant(new Set(updated).size === updated.length, "a buffer is updated twice");
  for (const { value } of [...graph.outputs, ...graph.updates]) {
    invariant(defined.has(value), () => `%${String(value)} leaves the graph and is not defined`);
  }
  checkUpdates(graph);
}

/** What an op makes of inputs of these types, with the node named in the message. */
function inferTypes<K extends Op>(
  node: NodeOf<K>,
  inputs: readonly TensorType[],
  where: string,
): readonly TensorType[] {
  try {
    return ops[node.op].infer(node.attributes, inputs);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    throw new InternalError(`${where}: ${error.message}`);
  }
}

function checkType(found: TensorType | undefined, expected: TensorType, where: string): void {
  const agrees = found?.dataType === expected.dataType && sameShape(found.shape, expected.shape);
  invariant(
    agrees,
    () => `${where} has the type ${String(found?.dataType)}[${String(found?.shape.join())}], not its op's`,
  );
}

function checkSource(node: Node, sources: Set<string>): void {
  if (node.op !== "input" && node.op !== "buffer" && node.op !== "scalar") return;
  const name = `${node.op} ${node.attributes.name}`;
  invariant(!sources.has(name), () => `the ${name} stands twice`);
  sources.add(name);
}

/** A buffer that is read and updated keeps its type; a view of it may be written. */
function checkUpdates(graph: Graph): void {
  const updates = new Map(graph.updates.map(({ buffer, value }) => [buffer, graph.types[value]!]));
  for (const node of graph.nodes) {
    if (node.op !== "buffer") continue;
    const { name, type } = node.attributes;
    const updated = updates.get(name);
    if (updated !== undefined) checkType(updated, type, `the update of ${name}`);
  }
}
