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
import { type ModulePlan, type PlanTarget, rememberKernels } from "./target.js";
import { verifyEntryPoint } from "./verify.js";

export interface PlanRequest {
  /** The source file's net or section, for messages. */
  readonly name: string;
  /** The most threads that the program runs on. */
  readonly threads: number;
  readonly buffers: readonly Omit<PersistentBuffer, "offset" | "bytes">[];
  readonly entryPoints: readonly EntryPointRequest[];
  readonly target: PlanTarget;
  /** What the CPU computes for a program of another target; null by default. */
  readonly host?: Program | null;
  /** Also makes every kernel call an entry point of its own, named behind its entry point, for timing. */
  readonly callByCall?: boolean;
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

/** Buffers and the words that threads share begin on cache lines. */
const cacheLine = 64;

/** Throws a UserError when the program needs more memory than the target has. */
export function planProgram({
  name,
  threads,
  buffers,
  entryPoints,
  target,
  host = null,
  callByCall = false,
}: PlanRequest): Program {
  const persistent = layOutBuffers(buffers, target);
  const persistentBytes = persistent.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes), 0);
  const line = Math.max(cacheLine, target.alignment);
  const randomStateOffset = align(persistentBytes, line);
  const barrierOffset = randomStateOffset + line;
  const arenaOffset = barrierOffset + line;

  const offsets = new Map(persistent.map((buffer) => [buffer.name, buffer.offset]));
  const remembering = rememberKernels(target);
  const options = { target: remembering, threads, arenaOffset, bufferOffsets: offsets };
  const planned = entryPoints.map((request) => {
    const memory = planMemory(request.kernelGraph, options);
    return { request, memory };
  });
  const arenaBytes = Math.max(0, ...planned.map(({ memory }) => memory.report.arena));
  const totalBytes = arenaOffset + arenaBytes;
  refuseTooLarge(target, totalBytes, persistentBytes, arenaBytes);

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
      scratchBytes: remembering.scratchBytes,
    });
    invariant(problems.length === 0, problems.slice(0, 3).join("; "));
  });
  const all = callByCall ? points.flatMap((point) => [point, ...singleCalls(point)]) : points;
  const code = target.emit({
    kernels: kernels.byName,
    entryPoints: all.map(moduleCalls),
    buffers: persistent,
    totalBytes,
    threads,
    randomStateOffset,
    barrierOffset,
  });
  return {
    format: "tulle-program",
    version: programVersion,
    name,
    target: target.name,
    threads,
    memory,
    buffers: persistent,
    entryPoints: all,
    ...code,
    host,
  };
}

/** Every call of an entry point as one of its own. */
function singleCalls(entryPoint: EntryPoint): EntryPoint[] {
  return entryPoint.calls.map((call, index) => ({
    ...entryPoint,
    name: `${entryPoint.name} call ${String(index)}`,
    function: `${entryPoint.function}_${String(index)}`,
    calls: [call],
  }));
}

function layOutBuffers(
  buffers: PlanRequest["buffers"],
  { alignment, chunkBytes }: PlanTarget,
): PersistentBuffer[] {
  let end = 0;
  return buffers.map((buffer) => {
    const bytes = 4 * elementCount(buffer.shape);
    const next = align(end, Math.max(cacheLine, alignment));
    const isInOne =
      chunkBytes === null || Math.floor(next / chunkBytes) === Math.floor((next + bytes - 1) / chunkBytes);
    // One that is larger than a chunk begins with one.
    const offset = isInOne ? next : align(next, chunkBytes);
    end = offset + bytes;
    return { ...buffer, offset, bytes };
  });
}

function refuseTooLarge(
  { mostMemory }: PlanTarget,
  totalBytes: number,
  persistentBytes: number,
  arenaBytes: number,
): void {
  if (totalBytes <= mostMemory.bytes) return;
  const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  throw new UserError(
    `the program needs ${gigabytes(totalBytes)} of memory (${gigabytes(persistentBytes)} of weights and state, ` +
      `${gigabytes(arenaBytes)} to compute in), and ${mostMemory.reason}`,
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
  const byKey = new Map<string, string>();
  const names = new Map<KernelSpec, string>();
  const counts = new Map<string, number>();
  for (const kernel of kernels) {
    const key = JSON.stringify(kernel);
    let name = byKey.get(key);
    if (name === undefined) {
      const count = counts.get(kernel.family) ?? 0;
      counts.set(kernel.family, count + 1);
      name = `${kernel.family}_${String(count)}`;
      byKey.set(key, name);
      byName.set(name, kernel);
    }
    names.set(kernel, name);
  }
  const nameOf = (kernel: KernelSpec): string => {
    const name = names.get(kernel);
    invariant(name !== undefined, "a kernel without a name");
    return name;
  };
  return { byName, nameOf };
}

/** Operands in the order of a kernel's parameters: inputs, outputs, scratch. */
function moduleCalls({ function: name, calls }: EntryPoint): ModulePlan["entryPoints"][number] {
  return {
    name,
    calls: calls.map(({ kernel, operands }) => ({ kernel, operands })),
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
