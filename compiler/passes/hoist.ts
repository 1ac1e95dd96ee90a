/**
 * Hoists what depends on weights alone out of an inference graph, into `prepare`, which
 * runs once after weights are loaded.
 *
 * before:  predict: w = buffer W; t = transpose w; y = matmul(x, t)
 * after:   prepare: w = buffer W; t = transpose w          update prepared.0 <- t
 *          predict: t = buffer prepared.0; y = matmul(x, t)
 *
 * Invariant: views of weights are not hoisted, since they cost nothing where they are;
 * equal computations of several graphs become one prepared buffer.
 */
import { invariant } from "../diagnostics/invariant.js";
import { someNode } from "../ir/expression-tree.js";
import type { Graph, Node, TensorType, Update, ValueId } from "../ir/graph.js";

export interface PreparedBuffer {
  readonly name: string;
  readonly type: TensorType;
}

export interface Hoisted {
  /** The graphs in the order given, reading prepared buffers. */
  readonly graphs: readonly Graph[];
  /** Fills the prepared buffers; null when there are none. */
  readonly prepare: Graph | null;
  readonly buffers: readonly PreparedBuffer[];
}

/** Hoists out of graphs that share their persistent buffers. */
export function hoist(graphs: readonly Graph[]): Hoisted {
  const prepared = new Map<
    string,
    { readonly name: string; readonly graph: Graph; readonly value: ValueId }
  >();
  const rewritten = graphs.map((graph) => {
    const keys = staticKeys(graph);
    const hoistable = worthHoisting(graph, keys);
    if (hoistable.size === 0) return graph;
    const nodes = graph.nodes.flatMap((node): Node[] => {
      const [output] = node.outputs;
      if (output === undefined || !hoistable.has(output)) return [node];
      const key = keys.get(output);
      invariant(key !== undefined, "a hoisted value is static");
      const known = prepared.get(key) ?? { name: `prepared.${String(prepared.size)}`, graph, value: output };
      prepared.set(key, known);
      return [
        {
          op: "buffer",
          attributes: { name: known.name, type: typeOf(known.graph, known.value) },
          inputs: [],
          outputs: [output],
          label: node.label,
        },
      ];
    });
    return withoutDeadNodes({ ...graph, nodes });
  });
  const entries = [...prepared.values()];
  return {
    graphs: rewritten,
    prepare: entries.length === 0 ? null : prepareGraph(entries),
    buffers: entries.map(({ name, graph, value }) => ({ name, type: typeOf(graph, value) })),
  };
}

/**
 * For every value that weights alone determine, a text that is equal for equal
 * computations.
 */
function staticKeys(graph: Graph): ReadonlyMap<ValueId, string> {
  const keys = new Map<ValueId, string>();
  for (const node of graph.nodes) {
    const [output, ...others] = node.outputs;
    if (output === undefined || others.length > 0) continue;
    if (node.op === "input" || node.op === "scalar" || drawsNumbers(node)) continue;
    const inputs = node.inputs.map((input) => keys.get(input));
    if (inputs.some((key) => key === undefined)) continue;
    keys.set(output, `${node.op}${JSON.stringify(node.attributes)}(${inputs.join(",")})`);
  }
  return keys;
}

/** Static values that the rest of the graph reads, except weights themselves and their views. */
function worthHoisting(graph: Graph, keys: ReadonlyMap<ValueId, string>): ReadonlySet<ValueId> {
  const producers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
  );
  const worth = new Set<ValueId>();
  const want = (value: ValueId): void => {
    const producer = producers.get(value);
    if (producer === undefined || !keys.has(value)) return;
    if (producer.op === "buffer" || producer.op === "constant") return;
    if (producer.op === "reshape") producer.inputs.forEach(want);
    else worth.add(value);
  };
  for (const node of graph.nodes) {
    if (node.outputs.some((output) => !keys.has(output))) node.inputs.forEach(want);
  }
  graph.outputs.forEach(({ value }) => {
    want(value);
  });
  return worth;
}

function drawsNumbers(node: Node): boolean {
  return node.op === "map" && someNode(node.attributes.expression, ({ kind }) => kind === "random");
}

/** Joins what computes the prepared values, out of their graphs, into one graph. */
function prepareGraph(
  entries: readonly { readonly name: string; readonly graph: Graph; readonly value: ValueId }[],
): Graph {
  const nodes: Node[] = [];
  const types: TensorType[] = [];
  const updates: Update[] = entries.map(({ name, graph, value }) => {
    const needed = nodesBehind(graph, [value]);
    const renamed = new Map<ValueId, ValueId>();
    for (const node of graph.nodes) {
      if (!needed.has(node)) continue;
      const outputs = node.outputs.map((output) => {
        const fresh = types.length as ValueId;
        types.push(typeOf(graph, output));
        renamed.set(output, fresh);
        return fresh;
      });
      nodes.push({ ...node, inputs: node.inputs.map((input) => rename(renamed, input)), outputs });
    }
    return { buffer: name, value: rename(renamed, value) };
  });
  return { name: "prepare", nodes, types, outputs: [], updates };
}

function rename(renamed: ReadonlyMap<ValueId, ValueId>, value: ValueId): ValueId {
  const fresh = renamed.get(value);
  invariant(fresh !== undefined, "a node stands before the nodes that use it");
  return fresh;
}

function withoutDeadNodes(graph: Graph): Graph {
  const roots = [...graph.outputs, ...graph.updates].map(({ value }) => value);
  const needed = nodesBehind(graph, roots);
  return { ...graph, nodes: graph.nodes.filter((node) => needed.has(node) || node.op === "input") };
}

function nodesBehind(graph: Graph, roots: readonly ValueId[]): ReadonlySet<Node> {
  const wanted = new Set(roots);
  const needed = new Set<Node>();
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => wanted.has(output))) continue;
    needed.add(node);
    node.inputs.forEach((input) => wanted.add(input));
  }
  return needed;
}

function typeOf(graph: Graph, value: ValueId): TensorType {
  const type = graph.types[value];
  invariant(type !== undefined, () => `the value ${String(value)} has a type`);
  return type;
}
