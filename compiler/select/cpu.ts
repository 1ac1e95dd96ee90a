/**
 * Selection for the CPU: a kernel for every node that computes something, a slot for
 * every value that lives in memory.
 *
 * Before -> after: a verified Graph -> its KernelGraph. Reshapes become other views of
 * the same slot, constants become parts of expressions; everything else is one call.
 * The order of the calls is the order of the nodes.
 */
import { unreachable } from "../diagnostics/invariant.js";
import type { Graph, Node, NodeOf } from "../ir/graph.js";
import { concatCopy, placeCopy, sliceCopy, transposeCopy } from "./copies.js";
import { describeLoop, describeWindow } from "./describe.js";
import type { KernelGraph, KernelSpec, LoopKernel, PoolKernel, Slot } from "./kernel.js";
import { bindOperands } from "./operands.js";
import { selectConvolution, selectMatmul } from "./products.js";
import { type Selection, addCall, addSlot, bind, imageOf, operandOf, slotOf, typeOf } from "./selection.js";

/** Chooses kernels and physical buffers for a graph. */
export function selectCpu(graph: Graph): KernelGraph {
  const selection: Selection = {
    graph,
    slots: [],
    calls: [],
    operands: new Map(),
    shared: new Map(),
    kernels: new Map(),
  };
  for (const node of graph.nodes) selectNode(selection, node);
  const outputs = graph.outputs.map(({ name, value }) => ({
    name,
    slot: slotOf(selection, value),
    shape: typeOf(selection, value).shape,
  }));
  const updates = graph.updates.map(({ buffer, value }) => ({ buffer, slot: slotOf(selection, value) }));
  return { name: graph.name, slots: selection.slots, calls: selection.calls, outputs, updates };
}

function selectNode(selection: Selection, node: Node): void {
  switch (node.op) {
    case "input":
    case "buffer":
    case "scalar":
      return selectSource(selection, node);
    case "constant":
      selection.operands.set(node.outputs[0]!, { kind: "constant", value: node.attributes.value });
      return;
    case "map":
      return selectLoop(selection, node, {
        domain: node.attributes.shape,
        reducedAxes: [],
        reductions: [],
        outputs: [{ expression: node.attributes.expression, over: "domain" }],
      });
    case "reduce":
      return selectLoop(selection, node, {
        domain: typeOf(selection, node.inputs[0]!).shape,
        reducedAxes: node.attributes.axes,
        reductions: [{ combine: node.attributes.combine, expression: { kind: "input", index: 0 } }],
        outputs: [{ expression: { kind: "reduced", index: 0 }, over: "kept" }],
      });
    case "loop":
      return selectLoop(selection, node, node.attributes);
    case "matmul":
      return selectMatmul(selection, node);
    case "conv":
    case "conv_input_gradient":
    case "conv_weight_gradient":
      return selectConvolution(selection, node);
    case "max_pool":
    case "max_pool_gradient":
    case "avg_pool":
    case "avg_pool_gradient":
      return selectPool(selection, node);
    case "reshape":
    case "detach":
      return selectView(selection, node);
    case "transpose":
    case "slice":
    case "place":
    case "concat":
      return selectCopy(selection, node);
    default:
      unreachable(node, "node");
  }
}

// --------------------------------------------------------------------- sources

function selectSource(
  selection: Selection,
  node: NodeOf<"input"> | NodeOf<"buffer"> | NodeOf<"scalar">,
): void {
  const value = node.outputs[0]!;
  const storage = storageOf(node);
  const key = JSON.stringify(storage);
  let slot = selection.shared.get(key);
  if (slot === undefined) {
    const name = node.op === "buffer" ? node.attributes.name : `${node.op} ${node.attributes.name}`;
    slot = addSlot(selection, name, typeOf(selection, value), storage);
    selection.shared.set(key, slot);
  }
  bind(selection, value, slot);
}

function storageOf(node: NodeOf<"input"> | NodeOf<"buffer"> | NodeOf<"scalar">): Slot["storage"] {
  switch (node.op) {
    case "input":
      return { kind: "input", name: node.attributes.name, limit: node.attributes.limit };
    case "buffer":
      return { kind: "persistent", buffer: node.attributes.name };
    case "scalar":
      return { kind: "scalar", name: node.attributes.name, expression: node.attributes.expression };
  }
}

// ------------------------------------------------------------------- pointwise

function selectLoop(selection: Selection, node: Node, loop: Omit<LoopKernel, "family" | "operands">): void {
  const given = node.inputs.map((input) => operandOf(selection, input));
  const bound = bindOperands(given, loop.domain, 0);
  const kernel: LoopKernel = {
    family: "loop",
    domain: loop.domain,
    reducedAxes: loop.reducedAxes,
    operands: bound.operands,
    reductions: loop.reductions.map(({ combine, expression }) => ({
      combine,
      expression: bound.rewrite(expression),
    })),
    outputs: loop.outputs.map(({ expression, over }) => ({ expression: bound.rewrite(expression), over })),
  };
  const what = describeLoop(
    kernel.reductions,
    kernel.outputs.map((output) => output.expression),
  );
  addCall(selection, node, kernel, bound.slots, what);
}

// --------------------------------------------------------------- windows, copies

type PoolNode =
  NodeOf<"max_pool"> | NodeOf<"max_pool_gradient"> | NodeOf<"avg_pool"> | NodeOf<"avg_pool_gradient">;

function selectPool(selection: Selection, node: PoolNode): void {
  const { size, stride, pad } = node.attributes;
  const forward = node.op === "max_pool" || node.op === "avg_pool";
  const x = forward ? node.inputs[0]! : node.outputs[0]!;
  const y = forward ? node.outputs[0]! : node.inputs.at(-1)!;
  const [batch, channels, height, width] = imageOf(selection, x);
  const [, , outHeight, outWidth] = imageOf(selection, y);
  const kernel: PoolKernel = {
    family: node.op,
    size,
    stride,
    pad,
    planes: batch * channels,
    height,
    width,
    outHeight,
    outWidth,
    countIncludesPad: "countIncludesPad" in node.attributes && node.attributes.countIncludesPad,
  };
  const inputs = node.inputs.map((input) => slotOf(selection, input));
  addCall(selection, node, kernel, inputs, `${node.op.replaceAll("_", " ")} ${describeWindow(kernel)}`);
}

/** The same elements in the same order: nothing to do. */
function selectView(selection: Selection, node: NodeOf<"reshape"> | NodeOf<"detach">): void {
  const operand = operandOf(selection, node.inputs[0]!);
  const value = node.outputs[0]!;
  if (operand.kind === "slot") bind(selection, value, operand.slot);
  else selection.operands.set(value, operand);
}

function selectCopy(
  selection: Selection,
  node: NodeOf<"transpose"> | NodeOf<"slice"> | NodeOf<"place"> | NodeOf<"concat">,
): void {
  const shapes = node.inputs.map((input) => typeOf(selection, input).shape);
  const output = typeOf(selection, node.outputs[0]!).shape;
  const kernel = copyOf(node, shapes, output);
  addCall(
    selection,
    node,
    kernel,
    node.inputs.map((input) => slotOf(selection, input)),
    node.op,
  );
}

function copyOf(
  node: NodeOf<"transpose"> | NodeOf<"slice"> | NodeOf<"place"> | NodeOf<"concat">,
  shapes: readonly (readonly number[])[],
  output: readonly number[],
): KernelSpec {
  switch (node.op) {
    case "transpose":
      return transposeCopy(shapes[0]!, node.attributes.order);
    case "slice":
      return sliceCopy(shapes[0]!, output, node.attributes);
    case "place":
      return placeCopy(shapes[0]!, node.attributes);
    case "concat":
      return concatCopy(shapes, output, node.attributes.axis);
  }
}
