/**
 * WebGPU as planning sees it: shaders over a few buffers that hold one linear memory.
 *
 * Invariant: what is emitted stays within WebGPU's default limits, so every adapter takes it;
 * except where one tensor is larger than they allow: then the program says how much it wants,
 * and adapters that give less refuse it before anything runs.
 */
import type { Dispatch, MemoryRange, ShaderProgram } from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";
import { invariant } from "../diagnostics/invariant.js";
import { bindDispatch } from "../codegen/wgsl/access.js";
import { wgslKernel } from "../codegen/wgsl/kernels.js";
import { overwrites } from "../select/overwrites.js";
import { align } from "./regions.js";
import type { ModulePlan, PlanTarget } from "./target.js";

/** What an adapter must give; more only for single tensors that are larger. */
export interface WebGpuLimits {
  /** Of one binding. */
  readonly bindingBytes: number;
  readonly bufferBytes: number;
  /** Of one shader. */
  readonly storageBuffers: number;
}

/** What every adapter gives. */
const defaultLimits: WebGpuLimits = { bindingBytes: 2 ** 27, bufferBytes: 2 ** 28, storageBuffers: 8 };

/** Shaders count elements, of four bytes, and sometimes bytes in 32 bits. */
const mostBindingBytes = 2 ** 32 - 4;
/** `minStorageBufferOffsetAlignment` */
const bindingAlignment = 256;
/** What a vector of four numbers takes: bindings are whole vectors. */
const vectorBytes = 16;

export function webgpuTargetWithin(limits: WebGpuLimits): PlanTarget {
  return {
    name: "webgpu",
    alignment: bindingAlignment,
    scalarsFirst: true,
    chunkBytes: limits.bufferBytes,
    mostMemory: { bytes: 2 ** 36, reason: "no GPU has that" },
    scratchBytes: (kernel) => wgslKernel(kernel).scratchBytes,
    flops: (kernel) => wgslKernel(kernel).flops,
    overwrites,
    emit: (plan) => ({ module: new Uint8Array(), shaders: emitShaders(plan, limits) }),
  };
}

export const webgpuTarget = webgpuTargetWithin(defaultLimits);

function emitShaders(plan: ModulePlan, limits: WebGpuLimits): ShaderProgram {
  const { kernels, entryPoints, randomStateOffset } = plan;
  const numbers = new Map<string, number>();
  const numberOf = (source: string): number => {
    const number = numbers.get(source) ?? numbers.size;
    numbers.set(source, number);
    return number;
  };
  const randomState = { offset: randomStateOffset, bytes: vectorBytes };
  const chunks = chunksOf(plan, limits.bufferBytes);
  const bindingLimits = {
    bindings: limits.storageBuffers,
    bytes: limits.bindingBytes,
    bufferOf: (offset: number) => chunks.findIndex((chunk) => offset < chunk.offset + chunk.bytes),
  };
  const dispatchesOf = (name: string, operands: readonly MemoryRange[]): Dispatch[] => {
    const kernel = kernels.get(name);
    invariant(kernel !== undefined, () => `a call of the unknown kernel ${name}`);
    const places = operands.map(({ offset, bytes }) => ({ offset, bytes: align(bytes, vectorBytes) }));
    return wgslKernel(kernel).dispatches.map((dispatch) => {
      const { code, bindings } = bindDispatch(dispatch, places, randomState, bindingLimits);
      return { source: numberOf(code), workgroups: dispatch.workgroups, bindings };
    });
  };
  const points = entryPoints.map(({ name, calls }) => ({
    function: name,
    dispatches: calls.flatMap(({ kernel, operands }) => dispatchesOf(kernel, operands)),
  }));
  const bindings = points.flatMap(({ dispatches }) => dispatches.flatMap((dispatch) => dispatch.bindings));
  const largestBinding = bindings.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  refuseTooLarge(largestBinding);
  return { chunks, largestBinding, sources: [...numbers.keys()], entryPoints: points };
}

function refuseTooLarge(largestBinding: number): void {
  if (largestBinding <= mostBindingBytes) return;
  const gibibytes = (count: number) => `${(count / 2 ** 30).toFixed(1)} GiB`;
  throw new UserError(
    `a tensor of ${gibibytes(largestBinding)} is more than shaders can count, which is ${gibibytes(mostBindingBytes)}`,
    "Use a smaller batch or a smaller net, or the CPU.",
  );
}

/** Buffers as large as every adapter gives them; larger only where one value would lie in two. */
function chunksOf({ entryPoints, buffers, totalBytes }: ModulePlan, bufferBytes: number): MemoryRange[] {
  const values = [
    ...buffers,
    ...entryPoints.flatMap(({ calls }) => calls.flatMap(({ operands }) => operands)),
  ];
  const large = values.filter(({ bytes }) => bytes > bufferBytes);
  const isWithin = (boundary: number): boolean =>
    large.some(({ offset, bytes }) => offset < boundary && boundary < offset + bytes);
  const chunks: MemoryRange[] = [];
  let offset = 0;
  while (offset < totalBytes) {
    let end = offset + bufferBytes;
    while (isWithin(end)) end += bufferBytes;
    chunks.push({ offset, bytes: align(Math.min(end, totalBytes) - offset, bindingAlignment) });
    offset = end;
  }
  return chunks;
}
