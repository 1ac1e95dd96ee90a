/**
 * The memory of one entry point: its steps in order, with the address of everything they
 * read and write, and what that costs.
 */
import type { KernelOperand, MemoryReport } from "../../runtime/program/program.js";
import { invariant } from "../diagnostics/invariant.js";
import type { KernelGraph, KernelSpec, Slot } from "../select/kernel.js";
import { allocate } from "./allocate.js";
import { peakOf } from "./block.js";
import type { Placement } from "./pack.js";
import { type Region, regionsOf } from "./regions.js";
import { scheduleSteps } from "./schedule.js";
import type { PlanTarget } from "./target.js";
import { planWork, type Work, type WorkStep } from "./work.js";

export interface MemoryOptions {
  readonly target: PlanTarget;
  readonly threads: number;
  /** Where the arena begins. */
  readonly arenaOffset: number;
  /** Where the chunk of memory begins that the arena begins in; 0 where memory is one piece. */
  readonly chunkStart: number;
  /** Where the persistent buffers are, by name. */
  readonly bufferOffsets: ReadonlyMap<string, number>;
}

export interface PlannedMemory {
  readonly steps: readonly PlannedStep[];
  readonly outputs: Work["outputs"];
  readonly placeOf: (value: number) => { readonly offset: number; readonly bytes: number };
  readonly slotOf: (value: number) => Slot;
  readonly report: MemoryReport;
}

export interface PlannedStep {
  readonly kernel: KernelSpec;
  readonly description: string;
  readonly flops: number;
  /** Inputs, outputs, then scratch if there is any. */
  readonly operands: readonly KernelOperand[];
}

export function planMemory(graph: KernelGraph, options: MemoryOptions): PlannedMemory {
  const { target, threads, arenaOffset, bufferOffsets } = options;
  const work = planWork(graph, target, { threads, updateInPlace: true });
  const order = scheduleSteps(work);
  const found = regionsOf(work, order, true, target.alignment);
  const regions = target.scalarsFirst ? keepScalars(found, work) : found;
  const { offsets, extent } = placeRegions(regions, work, options);

  const offsetOf = new Map<number, number>();
  const scratchOffsetOf = new Map<number, number>();
  regions.forEach(({ values, scratchOf }, region) => {
    const offset = arenaOffset + offsets[region]!;
    for (const value of values) offsetOf.set(value, offset);
    if (scratchOf !== null) scratchOffsetOf.set(scratchOf, offset);
  });
  const placeOf = (value: number): { offset: number; bytes: number } => {
    const { home, slot } = work.values[value]!;
    const offset = home === null ? offsetOf.get(value) : bufferOffsets.get(home);
    invariant(offset !== undefined, () => `${slot.name} has no place`);
    return { offset, bytes: slot.bytes };
  };
  const steps = order.map((index) => {
    const step = work.steps[index]!;
    const { kernel, description, flops } = step;
    const scratch = scratchOffsetOf.get(index);
    return { kernel, description, flops, operands: operandsOf(work, step, placeOf, scratch) };
  });
  return {
    steps,
    outputs: work.outputs,
    placeOf,
    slotOf: (value) => work.values[value]!.slot,
    report: { ...unoptimized(graph, options), lowerBound: peakOf(regions), arena: extent },
  };
}

function isScalar({ values: [first] }: Region, { values }: Work): boolean {
  return first !== undefined && values[first]!.slot.storage.kind === "scalar";
}

/** Scalars' memory is theirs to the end. */
function keepScalars(regions: readonly Region[], work: Work): Region[] {
  const end = Math.max(0, ...regions.map((region) => region.end));
  return regions.map((region) => (isScalar(region, work) ? { ...region, end } : region));
}

/**
 * Scalars first where the target wants that. Small values come behind them where memory is more
 * than one binding: else a kernel that reads many of them from everywhere could not bind them all.
 */
function placeRegions(
  regions: readonly Region[],
  work: Work,
  { target, arenaOffset, chunkStart }: MemoryOptions,
): Placement {
  const { chunkBytes, scalarsFirst, smallBytes, mostTensorBytes } = target;
  const start = arenaOffset - chunkStart;
  if (!scalarsFirst) return allocate(regions, { start, chunkBytes });
  const indices = [...regions.keys()];
  const isFirst = (index: number): boolean => isScalar(regions[index]!, work);
  const isSmall = (index: number): boolean => regions[index]!.size <= smallBytes;
  const scalars = indices.filter(isFirst);
  const others = indices.filter((index) => !isFirst(index));

  const inOrder = (groups: readonly (readonly number[])[]): Placement => {
    const offsets = regions.map(() => 0);
    let extent = 0;
    for (const index of scalars) {
      offsets[index] = extent;
      extent += regions[index]!.size;
    }
    for (const group of groups) {
      const placed = allocate(
        group.map((index) => regions[index]!),
        { start: start + extent, chunkBytes },
      );
      for (const [position, index] of group.entries()) offsets[index] = extent + placed.offsets[position]!;
      extent += placed.extent;
    }
    return { offsets, extent };
  };
  const together = inOrder([others]);
  if (mostTensorBytes === null || arenaOffset + together.extent <= mostTensorBytes) return together;
  return inOrder([others.filter(isSmall), others.filter((index) => !isSmall(index))]);
}

function operandsOf(
  { values }: Work,
  { inputs, outputs, scratchBytes }: WorkStep,
  placeOf: PlannedMemory["placeOf"],
  scratch: number | undefined,
): KernelOperand[] {
  const operand = (access: "read" | "write") => (value: number) => {
    const { name, slot } = values[value]!;
    const dataType = slot.dataType === "f16" ? { dataType: slot.dataType } : {};
    return { access, ...placeOf(value), value: name, ...dataType };
  };
  return [
    ...inputs.map(operand("read")),
    ...outputs.map(operand("write")),
    ...(scratch === undefined
      ? []
      : [{ access: "scratch" as const, offset: scratch, bytes: scratchBytes, value: "scratch" }]),
  ];
}

/** What the graph would need as it stands: its own order, nothing in place. */
function unoptimized(
  graph: KernelGraph,
  { target, threads }: MemoryOptions,
): Pick<MemoryReport, "naive" | "lowerBoundUnoptimized"> {
  const work = planWork(graph, target, { threads, updateInPlace: false });
  const order = work.steps.map((_, index) => index);
  const regions = regionsOf(work, order, false, target.alignment);
  return {
    naive: regions.reduce((sum, { size }) => sum + size, 0),
    lowerBoundUnoptimized: peakOf(regions),
  };
}
