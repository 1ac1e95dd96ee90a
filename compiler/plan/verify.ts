/**
 * Checks a plan against the KernelGraph it was made from, by running its calls on shadow
 * memory. Shares nothing with scheduling and allocation: it knows what each call must
 * read, looks whether that is what lies there, and notes what the call leaves behind.
 *
 * Invariant: a plan without problems computes what the graph says, as far as memory
 * and order are concerned.
 */
import {
  elementBytes,
  type EntryPoint,
  type KernelCall,
  type KernelOperand,
  type PersistentBuffer,
  type Program,
} from "../../runtime/program/program.js";
import type { KernelGraph, KernelSpec, LoopKernel, SelectedCall, Slot } from "../select/kernel.js";
import { createShadowMemory, type ShadowMemory } from "./shadow.js";

export interface VerificationRequest {
  readonly program: Pick<Program, "memory" | "buffers" | "threads">;
  readonly entryPoint: EntryPoint;
  readonly graph: KernelGraph;
  /** The kernels that calls name. */
  readonly kernels: ReadonlyMap<string, KernelSpec>;
  /** Scratch that a kernel needs per thread. */
  readonly scratchBytes: (kernel: KernelSpec) => number;
}

interface Verification extends VerificationRequest {
  readonly shadow: ShadowMemory;
  /** What each value's memory must hold: its own name, or that of what it is a copy of. */
  readonly contentOf: Map<string, string>;
  /** The slot that each updated buffer becomes. */
  readonly updates: ReadonlyMap<string, number>;
  /** Buffers by their offset. */
  readonly buffersAt: ReadonlyMap<number, PersistentBuffer>;
  readonly report: (problem: string) => void;
}

const alignment = 16;
const unwritten = "nothing yet";

/** What is wrong with an entry point's plan, in full sentences; empty when it is right. */
export function verifyEntryPoint(request: VerificationRequest): string[] {
  const problems: string[] = [];
  const verification: Verification = {
    ...request,
    shadow: createShadowMemory(request.program.memory.totalBytes, unwritten),
    contentOf: new Map(),
    updates: new Map(request.graph.updates.map(({ buffer, slot }) => [buffer, slot])),
    buffersAt: new Map(request.program.buffers.map((buffer) => [buffer.offset, buffer])),
    report: (problem) => problems.push(`${request.entryPoint.name}: ${problem}`),
  };
  checkLayout(verification);
  placePersistent(verification);
  placeGiven(verification);
  runCalls(verification);
  checkResults(verification);
  return problems;
}

// ------------------------------------------------------------------ before the run

/** Buffers, random state and arena lie in this order and do not overlap. */
function checkLayout({ program, report }: Verification): void {
  const { persistentBytes, randomStateOffset, arenaOffset, arenaBytes, totalBytes } = program.memory;
  let end = 0;
  for (const { name, offset, bytes } of [...program.buffers].sort((a, b) => a.offset - b.offset)) {
    if (offset % alignment !== 0) report(`the buffer ${name} is not aligned`);
    if (offset < end) report(`the buffer ${name} overlaps the one before it`);
    end = offset + bytes;
  }
  const boundaries = [end, persistentBytes, randomStateOffset, arenaOffset, arenaOffset + arenaBytes];
  boundaries.push(totalBytes);
  if (boundaries.some((boundary, index) => index > 0 && boundary < boundaries[index - 1]!)) {
    report(`the parts of memory overlap: they end at ${boundaries.join(", ")}`);
  }
}

function placePersistent({ program, graph, shadow, contentOf }: Verification): void {
  for (const { name, offset, bytes } of program.buffers)
    shadow.write(offset, offset + bytes, oldContent(name));
  for (const { storage, name } of graph.slots) {
    if (storage.kind === "persistent") contentOf.set(name, oldContent(storage.buffer));
  }
}

/** The host writes inputs and scalars, all of them, before the first call. */
function placeGiven(verification: Verification): void {
  const { entryPoint, graph, shadow, contentOf, report } = verification;
  const given: { readonly slot: Slot; readonly offset: number }[] = [];
  for (const slot of graph.slots) {
    const { storage } = slot;
    if (storage.kind !== "input" && storage.kind !== "scalar") continue;
    const bindings: readonly { readonly name: string; readonly offset: number }[] =
      storage.kind === "input" ? entryPoint.inputs : entryPoint.scalars;
    const binding = bindings.find(({ name }) => name === storage.name);
    if (binding === undefined) report(`the ${storage.kind} ${storage.name} is not bound`);
    else given.push({ slot, offset: binding.offset });
  }
  for (const { slot, offset } of given) {
    checkInArena(verification, slot.name, offset, slot.bytes);
    contentOf.set(slot.name, slot.name);
    shadow.write(offset, offset + slot.bytes, slot.name);
  }
  for (const { slot, offset } of given) {
    expectContent(verification, `the host's ${slot.name}`, slot.name, offset, slot.bytes);
  }
}

// ------------------------------------------------------------------------ the run

function runCalls(verification: Verification): void {
  const { entryPoint, graph, report } = verification;
  const nameOf = (slot: number) => graph.slots[slot]!.name;
  const expected = new Map(graph.calls.map((call) => [call.outputs.map(nameOf).join("|"), call]));
  for (const call of entryPoint.calls) {
    const key = operandsOf(call, "write")
      .map(({ value }) => value)
      .join("|");
    const selected = expected.get(key);
    expected.delete(key);
    if (selected === undefined) runCopy(verification, call);
    else runSelected(verification, call, selected);
  }
  for (const call of expected.values()) report(`${call.description} is never run`);
}

/** A call of the graph: reads the values the graph says, and leaves its outputs. */
function runSelected(verification: Verification, call: KernelCall, selected: SelectedCall): void {
  const { graph, kernels, contentOf, report } = verification;
  const reads = operandsOf(call, "read");
  const writes = operandsOf(call, "write");
  const inputs = selected.inputs.map((slot) => graph.slots[slot]!);
  const outputs = selected.outputs.map((slot) => graph.slots[slot]!);
  const named = kernels.get(call.kernel);
  if (named !== selected.kernel && JSON.stringify(named) !== JSON.stringify(selected.kernel)) {
    report(`${call.description} runs another kernel`);
  }
  const same =
    reads.length === inputs.length &&
    reads.every(
      ({ value, bytes }, index) => value === inputs[index]!.name && bytes === inputs[index]!.bytes,
    ) &&
    writes.every(({ bytes }, index) => bytes === outputs[index]!.bytes);
  if (!same) report(`${call.description} has other operands than in the graph`);
  for (const { value } of writes) contentOf.set(value, value);
  runCall(verification, call, selected.kernel);
}

/** A call that planning added: it may only copy one value as it is. */
function runCopy(verification: Verification, call: KernelCall): void {
  const { kernels, contentOf, report } = verification;
  const kernel = kernels.get(call.kernel);
  const [read] = operandsOf(call, "read");
  const [write] = operandsOf(call, "write");
  const isCopy =
    kernel?.family === "copy" &&
    kernel.pieces.length === 1 &&
    kernel.pieces[0]!.readStrides.join() === "1" &&
    kernel.pieces[0]!.writeStrides.join() === "1" &&
    elementBytes(write?.dataType ?? "f32") * kernel.pieces[0]!.shape[0]! === write?.bytes;
  const isSame = read?.bytes === write?.bytes && read?.dataType === write?.dataType;
  if (!isCopy || read === undefined || write === undefined || !isSame) {
    report(`${call.description} is not in the graph and is no copy`);
    return;
  }
  contentOf.set(write.value, contentOf.get(read.value) ?? `the unknown ${read.value}`);
  runCall(verification, call, kernel);
}

function runCall(verification: Verification, call: KernelCall, kernel: KernelSpec): void {
  const { program, shadow, contentOf, scratchBytes, report } = verification;
  for (const { value, offset, bytes } of operandsOf(call, "read")) {
    const content = contentOf.get(value) ?? `the unknown ${value}`;
    expectContent(verification, `${call.description} reads ${value}`, content, offset, bytes);
  }
  const scratch = operandsOf(call, "scratch");
  const wanted = scratchBytes(kernel) * program.threads;
  if (scratch.reduce((sum, { bytes }) => sum + bytes, 0) < wanted)
    report(`${call.description} lacks scratch`);
  checkOverlaps(verification, call, kernel);
  for (const { value, offset, bytes } of operandsOf(call, "write")) {
    checkWritable(verification, value, offset, bytes);
    shadow.write(offset, offset + bytes, contentOf.get(value)!);
  }
  for (const { offset, bytes } of scratch) {
    checkInArena(verification, "scratch", offset, bytes);
    shadow.write(offset, offset + bytes, `scratch of ${call.description}`);
  }
}

/** What a call writes overlaps nothing else it touches, except where it works in place. */
function checkOverlaps({ report }: Verification, call: KernelCall, kernel: KernelSpec): void {
  const { operands, description } = call;
  const outputs = operandsOf(call, "write");
  const reads = operandsOf(call, "read");
  operands.forEach((one, index) => {
    if (one.offset % alignment !== 0) report(`${description} uses ${one.value}, which is not aligned`);
    for (let next = index + 1; next < operands.length; next++) {
      const other = operands[next]!;
      const overlap = one.offset < other.offset + other.bytes && other.offset < one.offset + one.bytes;
      if (!overlap || (one.access === "read" && other.access === "read")) continue;
      const inPlace =
        one.access === "read" &&
        other.access === "write" &&
        one.offset === other.offset &&
        one.bytes === other.bytes &&
        worksInPlace(kernel, reads.indexOf(one), outputs.indexOf(other));
      if (!inPlace) report(`${description}: ${one.value} overlaps ${other.value}`);
    }
  });
}

/** Whether a loop reads an operand only at the position at which it writes an output. */
function worksInPlace(kernel: KernelSpec, input: number, output: number): boolean {
  if (kernel.family !== "loop") return false;
  const over = kernel.outputs[output]!.over;
  const strides = kernel.operands[input]!.strides;
  // Walking outwards, a dense output's stride grows by the sizes passed.
  let stride = 1;
  for (let axis = kernel.domain.length - 1; axis >= 0; axis--) {
    const size = kernel.domain[axis]!;
    const written = over === "domain" || !kernel.reducedAxes.includes(axis);
    if (size > 1 && strides[axis] !== (written ? stride : 0)) return false;
    if (written) stride *= size;
  }
  return !readsElsewhere(kernel, input, over);
}

/** Whether outputs stored at other moments read the operand too. */
function readsElsewhere(kernel: LoopKernel, input: number, over: "domain" | "kept"): boolean {
  if (kernel.reducedAxes.length === 0) return false;
  const others = kernel.outputs.filter((output) => output.over !== over);
  return JSON.stringify(others).includes(`{"kind":"input","index":${String(input)}}`);
}

// ------------------------------------------------------------------- after the run

function checkResults(verification: Verification): void {
  const { program, entryPoint, graph, contentOf, updates, report } = verification;
  const contentOfSlot = (slot: number) => contentOf.get(graph.slots[slot]!.name) ?? "what is never computed";
  for (const { name, slot } of graph.outputs) {
    const binding = entryPoint.outputs.find((candidate) => candidate.name === name);
    if (binding === undefined) report(`the output ${name} is not bound`);
    else {
      const { bytes } = graph.slots[slot]!;
      if (binding.bytes !== bytes) report(`the output ${name} has ${String(binding.bytes)} bytes`);
      expectContent(
        verification,
        `the host reads the output ${name}`,
        contentOfSlot(slot),
        binding.offset,
        bytes,
      );
    }
  }
  for (const { name, offset, bytes } of program.buffers) {
    const updated = updates.get(name);
    const content = updated === undefined ? oldContent(name) : contentOfSlot(updated);
    expectContent(verification, `afterwards the buffer ${name}`, content, offset, bytes);
  }
}

function expectContent(
  { shadow, report }: Verification,
  what: string,
  content: string,
  offset: number,
  bytes: number,
): void {
  const found = shadow.contentsOf(offset, offset + bytes).filter((other) => other !== content);
  if (found.length > 0) report(`${what}: at ${String(offset)} lies ${found.join(" and ")}, not ${content}`);
}

/** In the arena, or exactly a buffer that is updated. */
function checkWritable(verification: Verification, value: string, offset: number, bytes: number): void {
  const { updates, buffersAt } = verification;
  const buffer = buffersAt.get(offset);
  if (buffer !== undefined && updates.has(buffer.name) && buffer.bytes === bytes) return;
  checkInArena(verification, value, offset, bytes);
}

function checkInArena({ program, report }: Verification, value: string, offset: number, bytes: number): void {
  const { arenaOffset, arenaBytes } = program.memory;
  if (offset < arenaOffset || offset + bytes > arenaOffset + arenaBytes) {
    report(`${value} lies outside the arena, at ${String(offset)}`);
  }
}

function operandsOf(call: KernelCall, access: KernelOperand["access"]): KernelOperand[] {
  return call.operands.filter((operand) => operand.access === access);
}

function oldContent(buffer: string): string {
  return `the old ${buffer}`;
}
