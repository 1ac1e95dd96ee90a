/**
 * Plans a Program: persistent buffers laid out once, every entry point scheduled and
 * allocated in the arena they share, kernels named and emitted.
 *
 * Before -> after: KernelGraphs -> a Program in which every address is fixed. Memory is
 * the persistent buffers, the random state, the threads' barrier, the arena. No plan
 * leaves here that the verifier does not accept.
 */
import { programVersion } from "../../runtime/program/program.js";
import type {
  EntryPoint,
  EntryPointKind,
  KernelCall,
  PersistentBuffer,
  Program,
  ScalarBinding,
  TensorBinding,
} from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";
import { invariant } from "../diagnostics/invariant.js";
import { elementCount } from "../ir/shapes.js";
import type { KernelGraph, KernelSpec } from "../select/kernel.js";
import { type PlannedMemory, planMemory } from "./memory.js";
import { align } from "./regions.js";
import type { ModulePlan, PlanTarget } from "./target.js";
import { verifyEntryPoint } from "./verify.js";

export interface PlanRequest {
  /** The source file's net or section, for messages. */
  readonly name: string;
  /** The most threads that the program runs on. */
  readonly threads: number;
  readonly buffers: readonly Omit<PersistentBuffer, "offset" | "bytes">[];
  readonly entryPoints: readonly EntryPointRequest[];
  readonly target: PlanTarget;
}

export interface EntryPointRequest {
  /** Unique. */
  readonly name: string;
  readonly kind: EntryPointKind;
  readonly of: string | null;
  readonly step: string | null;
  readonly batch: number | null;
  readonly kernelGraph: KernelGraph;
}

/** What wasm32 can address. */
const addressableBytes = 2 ** 32;
/** Buffers and the words that threads share begin on cache lines. */
const cacheLine = 64;

/** Throws a UserError when the program needs more memory than WebAssembly has. */
export function planProgram({ name, threads, buffers, entryPoints, target }: PlanRequest): Program {
  const persistent = layOutBuffers(buffers);
  const persistentBytes = persistent.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes), 0);
  const randomStateOffset = align(persistentBytes, cacheLine);
  const barrierOffset = randomStateOffset + cacheLine;
  const arenaOffset = barrierOffset + cacheLine;

  const offsets = new Map(persistent.map((buffer) => [buffer.name, buffer.offset]));
  const planned = entryPoints.map((request) => {
    const memory = planMemory(request.kernelGraph, { target, threads, arenaOffset, bufferOffsets: offsets });
    return { request, memory };
  });
  const arenaBytes = Math.max(0, ...planned.map(({ memory }) => memory.report.arena));
  const totalBytes = arenaOffset + arenaBytes;
  refuseTooLarge(totalBytes, persistentBytes, arenaBytes);

  const kernels = nameKernels(planned.flatMap(({ memory }) => memory.steps.map(({ kernel }) => kernel)));
  const points = planned.map(({ request, memory }, index) =>
    entryPointOf(request, memory, `entry${String(index)}`, kernels),
  );
  const memory = { persistentBytes, arenaOffset, arenaBytes, totalBytes, randomStateOffset };
  points.forEach((entryPoint, index) => {
    const problems = verifyEntryPoint({
      program: { memory, buffers: persistent, threads },
      entryPoint,
      graph: entryPoints[index]!.kernelGraph,
      kernels: kernels.byName,
      scratchBytes: target.scratchBytes,
    });
    invariant(problems.length === 0, problems.slice(0, 3).join("; "));
  });
  const module = target.emit({
    kernels: kernels.byName,
    entryPoints: points.map(moduleCalls),
    totalBytes,
    threads,
    randomStateOffset,
    barrierOffset,
  });
  return {
    format: "tulle-program",
    version: programVersion,
    name,
    target: "cpu",
    threads,
    memory,
    buffers: persistent,
    entryPoints: points,
    module,
  };
}

function layOutBuffers(buffers: PlanRequest["buffers"]): PersistentBuffer[] {
  let end = 0;
  return buffers.map((buffer) => {
    const bytes = 4 * elementCount(buffer.shape);
    const offset = align(end, cacheLine);
    end = offset + bytes;
    return { ...buffer, offset, bytes };
  });
}

function refuseTooLarge(totalBytes: number, persistentBytes: number, arenaBytes: number): void {
  if (totalBytes <= addressableBytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  throw new UserError(
    `the program needs ${gigabytes(totalBytes)} of memory (${gigabytes(persistentBytes)} of weights and state, ` +
      `${gigabytes(arenaBytes)} to compute in), and WebAssembly has 4 GiB`,
    "Use a smaller batch or a smaller net.",
  );
}

// --------------------------------------------------------------------- kernels

interface NamedKernels {
  readonly byName: ReadonlyMap<string, KernelSpec>;
  readonly nameOf: (kernel: KernelSpec) => string;
}

/** Equal kernels get one name: the family's and a number. */
function nameKernels(kernels: readonly KernelSpec[]): NamedKernels {
  const byName = new Map<string, KernelSpec>();
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const kernel of kernels) {
    const key = JSON.stringify(kernel);
    if (names.has(key)) continue;
    const count = counts.get(kernel.family) ?? 0;
    counts.set(kernel.family, count + 1);
    const name = `${kernel.family}_${String(count)}`;
    names.set(key, name);
    byName.set(name, kernel);
  }
  const nameOf = (kernel: KernelSpec): string => {
    const name = names.get(JSON.stringify(kernel));
    invariant(name !== undefined, "a kernel without a name");
    return name;
  };
  return { byName, nameOf };
}

/** Addresses in the order of a kernel's parameters: inputs, outputs, scratch. */
function moduleCalls({ function: name, calls }: EntryPoint): ModulePlan["entryPoints"][number] {
  return {
    name,
    calls: calls.map(({ kernel, operands }) => ({ kernel, addresses: operands.map(({ offset }) => offset) })),
  };
}

// ---------------------------------------------------------------- entry points

function entryPointOf(
  { name, kind, of, step, batch, kernelGraph }: EntryPointRequest,
  memory: PlannedMemory,
  exported: string,
  kernels: NamedKernels,
): EntryPoint {
  const calls = memory.steps.map(({ kernel, description, flops, operands }): KernelCall => ({
    kernel: kernels.nameOf(kernel),
    description,
    operands,
    flops,
  }));
  const inputs = kernelGraph.slots.flatMap((slot): TensorBinding[] => {
    if (slot.storage.kind !== "input") return [];
    const { name: input, limit } = slot.storage;
    return [{ name: input, dataType: slot.dataType, shape: slot.shape, ...memory.placeOf(slot.id), limit }];
  });
  const scalars = kernelGraph.slots.flatMap((slot): ScalarBinding[] => {
    if (slot.storage.kind !== "scalar") return [];
    const { name: scalar, expression } = slot.storage;
    return [{ name: scalar, expression, offset: memory.placeOf(slot.id).offset }];
  });
  const outputs = memory.outputs.map(({ name: output, value, shape }): TensorBinding => {
    const { dataType } = memory.slotOf(value);
    return { name: output, dataType, shape, ...memory.placeOf(value), limit: null };
  });
  return {
    name,
    kind,
    of,
    step,
    batch,
    function: exported,
    inputs,
    outputs,
    scalars,
    calls,
    memory: memory.report,
  };
}
