/**
 * The kernels of a graph one by one: a Program in which every node that computes something
 * is an entry point of its own, so that a test may choose what each kernel reads.
 *
 * Invariant: a node becomes the same kernel as in the Program of the whole graph.
 */
import { createGraphBuilder } from "../../compiler/ir/create-builder.js";
import type { Graph, Node, NodeOf, Op, ValueId } from "../../compiler/ir/graph.js";
import { cpuTarget } from "../../compiler/plan/cpu-target.js";
import { planProgram } from "../../compiler/plan/plan.js";
import { selectCpu } from "../../compiler/select/cpu.js";
import { createEngine, writeRandomState } from "../../runtime/cpu/engine.js";
import { floatsAt, integersAt, readTensor } from "../../runtime/cpu/memory.js";

/** Runs the kernel of a node on these inputs; null where the node is no kernel, but a source or a view. */
export type KernelRunner = (
  node: Node,
  inputs: readonly ArrayLike<number>[],
) => readonly ArrayLike<number>[] | null;

/** The kernels of a graph that no pass will change any more. */
export async function singleKernels(graph: Graph): Promise<KernelRunner> {
  const producers = producersOf(graph);
  const nodes = graph.nodes.filter(isKernel);
  const program = planProgram({
    name: "single kernels",
    threads: 1,
    buffers: [],
    entryPoints: nodes.map((node, index) => ({
      name: `kernel ${String(index)}`,
      kind: "predict",
      of: "Net",
      step: null,
      batch: null,
      kernelGraph: selectCpu(graphOf(node as NodeOf<Op>, graph, producers)),
    })),
    target: cpuTarget,
  });
  const engine = await createEngine(program);
  const entryPoints = new Map(nodes.map((node, index) => [node, program.entryPoints[index]!]));
  return (node, inputs) => {
    const entryPoint = entryPoints.get(node);
    if (entryPoint === undefined) return null;
    for (const binding of entryPoint.inputs) {
      const view = binding.dataType === "f32" ? floatsAt : integersAt;
      view(engine.memory, binding).set(inputs[Number(binding.name)]!);
    }
    writeRandomState(engine, 0, 0);
    engine.run(entryPoint);
    return entryPoint.outputs.map((binding) => readTensor(engine.memory, binding).data);
  };
}

function isKernel({ op }: Node): boolean {
  return !["input", "buffer", "scalar", "constant", "reshape", "detach"].includes(op);
}

/** One node whose operands are inputs, named by their positions; constants stay what they are. */
function graphOf<K extends Op>(node: NodeOf<K>, graph: Graph, producers: ReadonlyMap<ValueId, Node>): Graph {
  const builder = createGraphBuilder();
  const sources = new Map<ValueId, ValueId>();
  for (const [position, value] of node.inputs.entries()) {
    if (sources.has(value)) continue;
    const producer = producers.get(value)!;
    const source =
      producer.op === "constant"
        ? builder.constant(producer.attributes.value)
        : builder.input(String(position), graph.types[value]!);
    sources.set(value, source);
  }
  const inputs = node.inputs.map((value) => sources.get(value)!);
  const outputs = builder.nodes(node.op, node.attributes, inputs);
  return builder.finish(
    "kernel",
    outputs.map((value, position) => ({ name: String(position), value })),
    [],
  );
}

function producersOf(graph: Graph): ReadonlyMap<ValueId, Node> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}
