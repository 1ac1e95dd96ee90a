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
  DataType,
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
import type { BufferBlock, LargeOutput } from "../ir/row-blocks.js";
import type { KernelGraph, KernelSpec, Slot } from "../select/kernel.js";
import { type PlannedMemory, planMemory } from "./memory.js";
import { layOutPersistent } from "./persistent.js";
import { type ModulePlan, type PlanTarget, rememberKernels } from "./target.js";
import { verifyEntryPoint } from "./verify.js";

export interface PlanRequest {
  /** The source file's net or section, for messages. */
  readonly name: string;
  /** The most threads that the program runs on. */
  readonly threads: number;
  readonly buffers: readonly Omit<PersistentBuffer, "offset" | "bytes">[];
  /** Of buffers that the graphs know block by block; none by default. */
  readonly blocks?: readonly BufferBlock[];
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
  /** Outputs that it leaves in persistent buffers; none by default. */
  readonly largeOutputs?: readonly LargeOutput[];
}

/** Throws a UserError when the program needs more memory than the target has. */
export function planProgram({
  name,
  threads,
  buffers,
  blocks = [],
  entryPoints,
  target,
  host = null,
  callByCall = false,
}: PlanRequest): Program {
  const persistent = layOutPersistent(buffers, blocks, target);
  const { randomStateOffset, barrierOffset, arenaOffset, chunkStarts } = persistent;
  const persistentBytes = persistent.bytes;

  const offsets = new Map(persistent.pieces.map(({ name: piece, offset }) => [piece, offset]));
  const remembering = rememberKernels(target);
  const options = {
    target: remembering,
    threads,
    arenaOffset,
    chunkStart: chunkStarts.at(-1)!,
    bufferOffsets: offsets,
  };
  const planned = entryPoints.map((request) => {
    const memory = planMemory(request.kernelGraph, options);
    return { request, memory };
  });
  const arenaBytes = Math.max(0, ...planned.map(({ memory }) => memory.report.arena));
  const totalBytes = arenaOffset + arenaBytes;
  refuseTooLarge(target, totalBytes, persistentBytes, arenaBytes);

  const kernels = nameKernels(planned.flatMap(({ memory }) => memory.steps.map(({ kernel }) => kernel)));
  const points = planned.map(({ request, memory }, index) =>
    entryPointOf(request, memory, `entry${String(index)}`, kernels, persistent.buffers),
  );
  const memory = { persistentBytes, arenaOffset, arenaBytes, totalBytes, randomStateOffset };
  points.forEach((entryPoint, index) => {
    const problems = verifyEntryPoint({
      program: { memory, buffers: persistent.pieces, threads },
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
    chunkStarts,
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
    buffers: persistent.buffers,
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
  for (const kernel of new Set(kernels)) {
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
function moduleCalls({ function: name, batch, calls }: EntryPoint): ModulePlan["entryPoints"][number] {
  return {
    name,
    batch,
    calls: calls.map(({ kernel, operands }) => ({ kernel, operands })),
  };
}

// ---------------------------------------------------------------- entry points

function entryPointOf(
  { name, kind, of, step, batch, kernelGraph, largeOutputs = [] }: EntryPointRequest,
  memory: PlannedMemory,
  exported: string,
  kernels: NamedKernels,
  buffers: readonly PersistentBuffer[],
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
    return [{ name: input, dataType: hostType(slot), shape: slot.shape, ...memory.placeOf(slot.id), limit }];
  });
  const scalars = kernelGraph.slots.flatMap((slot): ScalarBinding[] => {
    if (slot.storage.kind !== "scalar") return [];
    const { name: scalar, expression } = slot.storage;
    return [{ name: scalar, expression, offset: memory.placeOf(slot.id).offset }];
  });
  const outputs = memory.outputs.map(({ name: output, value, shape }): TensorBinding => {
    const dataType = hostType(memory.slotOf(value));
    return { name: output, dataType, shape, ...memory.placeOf(value), limit: null };
  });
  for (const { name: output, position, buffer, shape } of largeOutputs) {
    const place = buffers.find((candidate) => candidate.name === buffer);
    invariant(place !== undefined, () => `the output ${output} has no buffer`);
    const { offset, bytes } = place;
    outputs.splice(position, 0, { name: output, dataType: "f32", shape, offset, bytes, limit: null });
  }
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

/** What the host writes and reads is never halves. */
function hostType({ name, dataType }: Slot): DataType {
  invariant(dataType !== "f16", () => `the host knows nothing of halves, as which ${name} is stored`);
  return dataType;
}
