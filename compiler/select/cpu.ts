/**
 * Selection for the CPU: a kernel for every node that computes something, a slot for
 * every value that lives in memory.
 *
 * Before -> after: a verified Graph -> its KernelGraph. Reshapes become other views of
 * the same slot, constants become parts of expressions; everything else is one call.
 * The order of the calls is the order of the nodes.
 */
import { invariant, unreachable } from "../diagnostics/invariant.js";
import type { Epilogue, Graph, Node, NodeOf, TensorType, ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { concatCopy, placeCopy, sliceCopy, transposeCopy } from "./copies.js";
import { describe, describeEpilogue, describeLoop } from "./describe.js";
import type {
  ConvGeometry,
  KernelEpilogue,
  KernelGraph,
  KernelSpec,
  LoopKernel,
  PoolKernel,
  SelectedCall,
  Slot,
  SlotId,
} from "./kernel.js";
import { bindOperands, type Operand } from "./operands.js";

/** What selection has built so far. */
interface Selection {
  readonly graph: Graph;
  readonly slots: Slot[];
  readonly calls: SelectedCall[];
  /** What every value of the graph became. */
  readonly operands: Map<ValueId, Operand>;
  /** Slots of inputs, buffers and scalars, which exist once however often they are read. */
  readonly shared: Map<string, SlotId>;
}

/** Chooses kernels and physical buffers for a graph. */
export function selectCpu(graph: Graph): KernelGraph {
  const selection: Selection = { graph, slots: [], calls: [], operands: new Map(), shared: new Map() };
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

// ------------------------------------------------------------- pointwise, products

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

function selectMatmul(selection: Selection, node: NodeOf<"matmul">): void {
  const { transposeLeft, transposeRight } = node.attributes;
  const [left, right, output] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
  const shape = typeOf(selection, left).shape;
  const [m, n] = typeOf(selection, output).shape;
  const k = transposeLeft ? shape[0] : shape[1];
  invariant(m !== undefined && n !== undefined && k !== undefined, "matmul wants matrices");
  const { epilogue, slots } = selectEpilogue(selection, node, node.attributes.epilogue);
  const kernel: KernelSpec = { family: "matmul", m, n, k, transposeLeft, transposeRight, epilogue };
  const inputs = [slotOf(selection, left), slotOf(selection, right), ...slots];
  const what = `matmul ${String(m)}x${String(k)}x${String(n)}${describeEpilogue(epilogue)}`;
  addCall(selection, node, kernel, inputs, what);
}

type ConvolutionNode = NodeOf<"conv"> | NodeOf<"conv_input_gradient"> | NodeOf<"conv_weight_gradient">;

function selectConvolution(selection: Selection, node: ConvolutionNode): void {
  const [first, second, output] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!];
  const inputs = [slotOf(selection, first), slotOf(selection, second)];
  switch (node.op) {
    case "conv": {
      const geometry = geometryOf(selection, node, { x: first, y: output, weight: second });
      const { epilogue, slots } = selectEpilogue(selection, node, node.attributes.epilogue);
      const what = `conv ${windowOf(geometry)}${describeEpilogue(epilogue)}`;
      addCall(selection, node, { family: "conv", ...geometry, epilogue }, [...inputs, ...slots], what);
      return;
    }
    case "conv_input_gradient": {
      const geometry = geometryOf(selection, node, { x: output, y: first, weight: second });
      const { epilogue, slots } = selectEpilogue(selection, node, node.attributes.epilogue);
      const kernel: KernelSpec = { family: "conv_input_gradient", ...geometry, epilogue };
      const what = `conv ${windowOf(geometry)} input gradient${describeEpilogue(epilogue)}`;
      addCall(selection, node, kernel, [...inputs, ...slots], what);
      return;
    }
    case "conv_weight_gradient": {
      const geometry = geometryOf(selection, node, { x: first, y: second, weight: output });
      const kernel: KernelSpec = { family: "conv_weight_gradient", ...geometry };
      addCall(selection, node, kernel, inputs, `conv ${windowOf(geometry)} weight gradient`);
      return;
    }
  }
}

/** The geometry of the forward convolution x, weight -> y. */
function geometryOf(
  selection: Selection,
  node: ConvolutionNode,
  values: { readonly x: ValueId; readonly y: ValueId; readonly weight: ValueId },
): ConvGeometry {
  const { stride, pad, dilation, groups } = node.attributes;
  const [batch, channels, height, width] = imageOf(selection, values.x);
  const [, outChannels, outHeight, outWidth] = imageOf(selection, values.y);
  const [, , rows, columns] = imageOf(selection, values.weight);
  return {
    stride,
    pad,
    dilation,
    groups,
    batch,
    channels,
    height,
    width,
    outChannels,
    outHeight,
    outWidth,
    size: [rows, columns],
  };
}

/** The epilogue's operands follow the node's own two. */
function selectEpilogue(
  selection: Selection,
  node: Node,
  epilogue: Epilogue | null,
): { readonly epilogue: KernelEpilogue | null; readonly slots: readonly SlotId[] } {
  if (epilogue === null) return { epilogue: null, slots: [] };
  const given = node.inputs.slice(2).map((input) => operandOf(selection, input));
  const bound = bindOperands(given, typeOf(selection, node.outputs[0]!).shape, 1);
  return {
    epilogue: { expression: bound.rewrite(epilogue.expression), operands: bound.operands },
    slots: bound.slots,
  };
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
  addCall(selection, node, kernel, inputs, `${node.op.replaceAll("_", " ")} ${windowOf(kernel)}`);
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

// --------------------------------------------------------------------- helpers

function addSlot(selection: Selection, name: string, type: TensorType, storage: Slot["storage"]): SlotId {
  const id = selection.slots.length as SlotId;
  const { dataType, shape } = type;
  selection.slots.push({ id, name, dataType, shape, bytes: 4 * elementCount(shape), storage });
  return id;
}

function addCall(
  selection: Selection,
  node: Node,
  kernel: KernelSpec,
  inputs: readonly SlotId[],
  what: string,
): void {
  const outputs = node.outputs.map((value) => {
    const name = `%${String(value)} ${node.label}`.trimEnd();
    const slot = addSlot(selection, name, typeOf(selection, value), { kind: "transient" });
    bind(selection, value, slot);
    return slot;
  });
  selection.calls.push({ kernel, inputs, outputs, description: describe(what, node.label) });
}

function bind(selection: Selection, value: ValueId, slot: SlotId): void {
  const { dataType, shape } = typeOf(selection, value);
  selection.operands.set(value, { kind: "slot", slot, dataType, shape });
}

function operandOf(selection: Selection, value: ValueId): Operand {
  const operand = selection.operands.get(value);
  invariant(operand !== undefined, `the value ${String(value)} is used before it is computed`);
  return operand;
}

/** The slot of a value; a constant that something needs in memory is filled in. */
function slotOf(selection: Selection, value: ValueId): SlotId {
  const operand = operandOf(selection, value);
  if (operand.kind === "slot") return operand.slot;
  const type = typeOf(selection, value);
  const slot = addSlot(selection, `%${String(value)} constant`, type, { kind: "transient" });
  const kernel: LoopKernel = {
    family: "loop",
    domain: type.shape,
    reducedAxes: [],
    operands: [],
    reductions: [],
    outputs: [{ expression: operand, over: "domain" }],
  };
  selection.calls.push({ kernel, inputs: [], outputs: [slot], description: `fill ${String(operand.value)}` });
  bind(selection, value, slot);
  return slot;
}

function typeOf(selection: Selection, value: ValueId): TensorType {
  const type = selection.graph.types[value];
  invariant(type !== undefined, `the value ${String(value)} has no type`);
  return type;
}

function imageOf(selection: Selection, value: ValueId): readonly [number, number, number, number] {
  const [first, second, third, fourth, ...rest] = typeOf(selection, value).shape;
  invariant(fourth !== undefined && rest.length === 0, "windows and convolutions want four axes");
  return [first!, second!, third!, fourth];
}

function windowOf({ size }: { readonly size: readonly [number, number] }): string {
  return size.join("x");
}
