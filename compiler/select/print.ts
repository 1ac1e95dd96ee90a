/** Prints a KernelGraph: the slots, then every call with the kernel it makes. */
import type { KernelGraph, Slot } from "./kernel.js";

export function printKernelGraph(graph: KernelGraph): string {
  const name = (id: number): string => `s${String(id)}`;
  const slots = graph.slots.map((slot) => `  ${name(slot.id)}: ${printSlot(slot)}`);
  const calls = graph.calls.map((call) => {
    const { family, ...details } = call.kernel;
    const outputs = call.outputs.map(name).join(", ");
    const inputs = call.inputs.map(name).join(", ");
    return `  ${outputs} = ${family}(${inputs})   # ${call.description}\n      ${JSON.stringify(details)}`;
  });
  const outputs = graph.outputs.map((output) => `  output ${output.name} = ${name(output.slot)}`);
  const updates = graph.updates.map((update) => `  update ${update.buffer} = ${name(update.slot)}`);
  return [`kernels ${graph.name} {`, ...slots, ...calls, ...outputs, ...updates, "}"].join("\n");
}

function printSlot({ dataType, shape, storage, name }: Slot): string {
  const type = `${dataType}[${shape.join(", ")}]`;
  switch (storage.kind) {
    case "transient":
      return `${type} transient`;
    case "persistent":
      return `${type} persistent ${storage.buffer}`;
    case "input":
      return `${type} input ${storage.name}`;
    case "scalar":
      return `${type} scalar ${storage.name || name}`;
  }
}
