/**
 * What selection has built so far, and the steps it is built in: slots, calls, and what
 * every value of the graph became.
 *
 * Invariant: a value is bound before the first node that reads it is selected.
 */
import { invariant } from "../diagnostics/invariant.js";
import type { Graph, Node, TensorType, ValueId } from "../ir/graph.js";
import { elementCount } from "../ir/shapes.js";
import { describe } from "./describe.js";
import type { KernelSpec, LoopKernel, SelectedCall, Slot, SlotId } from "./kernel.js";
import type { Operand } from "./operands.js";

export interface Selection {
  readonly graph: Graph;
  readonly slots: Slot[];
  readonly calls: SelectedCall[];
  /** What every value of the graph became. */
  readonly operands: Map<ValueId, Operand>;
  /** Slots of inputs, buffers and scalars, which exist once however often they are read. */
  readonly shared: Map<string, SlotId>;
  /** Kernels by what they say: equal ones are one object, about which planning asks once. */
  readonly kernels: Map<string, KernelSpec>;
}

/** Adds a slot that holds a tensor of this type. */
export function addSlot(
  selection: Selection,
  name: string,
  type: TensorType,
  storage: Slot["storage"],
): SlotId {
  const id = selection.slots.length as SlotId;
  const { dataType, shape } = type;
  selection.slots.push({ id, name, dataType, shape, bytes: 4 * elementCount(shape), storage });
  return id;
}

/** Adds the call that computes a node; its outputs get slots of their own. */
export function addCall(
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
  const description = describe(what, node.label);
  selection.calls.push({ kernel: sharedKernel(selection, kernel), inputs, outputs, description });
}

function sharedKernel({ kernels }: Selection, kernel: KernelSpec): KernelSpec {
  const key = JSON.stringify(kernel);
  const known = kernels.get(key);
  if (known === undefined) kernels.set(key, kernel);
  return known ?? kernel;
}

/** Lets a value live in a slot. */
export function bind(selection: Selection, value: ValueId, slot: SlotId): void {
  const { dataType, shape } = typeOf(selection, value);
  selection.operands.set(value, { kind: "slot", slot, dataType, shape });
}

/** What a value became. */
export function operandOf(selection: Selection, value: ValueId): Operand {
  const operand = selection.operands.get(value);
  invariant(operand !== undefined, () => `the value ${String(value)} is used before it is computed`);
  return operand;
}

/** The slot of a value; a constant that something needs in memory is filled in. */
export function slotOf(selection: Selection, value: ValueId): SlotId {
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

export function typeOf(selection: Selection, value: ValueId): TensorType {
  const type = selection.graph.types[value];
  invariant(type !== undefined, () => `the value ${String(value)} has no type`);
  return type;
}

/** The shape of a value with four axes, [N, C, H, W] or a weight's. */
export function imageOf(selection: Selection, value: ValueId): readonly [number, number, number, number] {
  const [first, second, third, fourth, ...rest] = typeOf(selection, value).shape;
  invariant(fourth !== undefined && rest.length === 0, "windows and convolutions want four axes");
  return [first!, second!, third!, fourth];
}
