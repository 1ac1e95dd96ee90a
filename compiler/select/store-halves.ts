/**
 * Storage in halves, which take half the memory and the time to read it. Everything is
 * still computed in float32.
 *
 * KernelGraphs and their buffers -> the same with real numbers stored as f16, but for those that
 * - the host writes or reads: inputs, outputs and scalars stay as it knows them;
 * - a reduction makes: sums are small in memory, and may be large in value;
 * - are running statistics, whose range is that of the data.
 */
import { elementBytes, type PersistentBuffer, type StorageType } from "../../runtime/program/program.js";
import type { BufferBlock } from "../ir/row-blocks.js";
import { elementCount } from "../ir/shapes.js";
import type { KernelGraph, SelectedCall, Slot, SlotId } from "./kernel.js";

/** What a program is planned from, before and after. */
interface Selected<B, E> {
  readonly buffers: readonly B[];
  /** Pieces of buffers that graphs know as buffers of their own. */
  readonly blocks: readonly BufferBlock[];
  readonly entryPoints: readonly E[];
}

type Buffer = Pick<PersistentBuffer, "name" | "role" | "dataType">;

export function storeHalves<B extends Buffer, E extends { readonly kernelGraph: KernelGraph }>({
  buffers,
  blocks,
  entryPoints,
}: Selected<B, E>): Selected<B, E> {
  const wholeOf = new Map(blocks.map(({ name, buffer }) => [name, buffer]));
  const handedOut = new Set(
    entryPoints
      .flatMap(({ kernelGraph }) => handedOutBy(kernelGraph))
      .map((name) => wholeOf.get(name) ?? name),
  );
  const isHalf = ({ name, role }: Buffer): boolean =>
    (role === "parameter" || role === "prepared") && !handedOut.has(name);
  const stored = buffers.map((buffer): B => (isHalf(buffer) ? { ...buffer, dataType: "f16" } : buffer));
  const types = new Map(stored.map(({ name, dataType }) => [name, dataType]));
  const typeOf = (name: string): StorageType => types.get(wholeOf.get(name) ?? name) ?? "f32";
  return {
    buffers: stored,
    blocks,
    entryPoints: entryPoints.map((entryPoint) => ({
      ...entryPoint,
      kernelGraph: withHalves(entryPoint.kernelGraph, typeOf),
    })),
  };
}

/** The persistent buffers that are an entry point's outputs as they are. */
function handedOutBy({ slots, outputs }: KernelGraph): readonly string[] {
  return outputs.flatMap(({ slot }) => {
    const { storage } = slots[slot]!;
    return storage.kind === "persistent" ? [storage.buffer] : [];
  });
}

function withHalves(graph: KernelGraph, bufferType: (name: string) => StorageType): KernelGraph {
  const outputs = new Set(graph.outputs.map(({ slot }) => slot));
  const sums = new Set(graph.calls.flatMap(reducedBy));
  const updates = new Map(graph.updates.map(({ buffer, slot }) => [slot, buffer]));
  const typeOf = ({ id, dataType, storage }: Slot): StorageType => {
    if (dataType !== "f32") return dataType;
    const buffer = storage.kind === "persistent" ? storage.buffer : updates.get(id);
    if (buffer !== undefined) return bufferType(buffer);
    return storage.kind === "transient" && !outputs.has(id) && !sums.has(id) ? "f16" : "f32";
  };
  const slots = graph.slots.map((slot): Slot => {
    const dataType = typeOf(slot);
    return { ...slot, dataType, bytes: elementBytes(dataType) * elementCount(slot.shape) };
  });
  return { ...graph, slots };
}

/** What a loop makes of whole rows. */
function reducedBy({ kernel, outputs }: SelectedCall): readonly SlotId[] {
  if (kernel.family !== "loop" || kernel.reducedAxes.length === 0) return [];
  return outputs.filter((_, index) => kernel.outputs[index]!.over === "kept");
}
