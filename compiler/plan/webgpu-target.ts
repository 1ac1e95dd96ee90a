/**
 * WebGPU as planning sees it: shaders over a few buffers that hold one linear memory.
 *
 * Invariant: what is emitted stays within WebGPU's default limits, so every adapter takes it.
 */
import type { Dispatch, MemoryRange, ShaderProgram } from "../../runtime/program/program.js";
import { UserError } from "../../runtime/program/user-error.js";
import { invariant } from "../diagnostics/invariant.js";
import { bindDispatch } from "../codegen/wgsl/access.js";
import { wgslKernel } from "../codegen/wgsl/kernels.js";
import { overwrites } from "../select/overwrites.js";
import { align } from "./regions.js";
import type { ModulePlan, PlanTarget } from "./target.js";

/** WebGPU's default limits. */
const bindingBytes = 2 ** 27;
const bufferBytes = 2 ** 28;
const storageBuffers = 8;
/** `minStorageBufferOffsetAlignment` */
const bindingAlignment = 256;
/** What a vector of four numbers takes: bindings are whole vectors. */
const vectorBytes = 16;

export const webgpuTarget: PlanTarget = {
  name: "webgpu",
  alignment: bindingAlignment,
  chunkBytes: bufferBytes,
  mostMemory: { bytes: 2 ** 36, reason: "no GPU has that" },
  scratchBytes: (kernel) => wgslKernel(kernel).scratchBytes,
  flops: (kernel) => wgslKernel(kernel).flops,
  overwrites,
  emit: (plan) => ({ module: new Uint8Array(), shaders: emitShaders(plan) }),
};

function emitShaders({ kernels, entryPoints, totalBytes, randomStateOffset }: ModulePlan): ShaderProgram {
  const numbers = new Map<string, number>();
  const numberOf = (source: string): number => {
    const number = numbers.get(source) ?? numbers.size;
    numbers.set(source, number);
    return number;
  };
  const randomState = { offset: randomStateOffset, bytes: vectorBytes };
  const limits = {
    bindings: storageBuffers,
    bytes: bindingBytes,
    bufferOf: (offset: number) => Math.floor(offset / bufferBytes),
  };
  const dispatchesOf = (name: string, operands: readonly MemoryRange[]): Dispatch[] => {
    const kernel = kernels.get(name);
    invariant(kernel !== undefined, () => `a call of the unknown kernel ${name}`);
    const places = operands.map(({ offset, bytes }) => ({ offset, bytes: align(bytes, vectorBytes) }));
    places.forEach(refuseTooLarge);
    return wgslKernel(kernel).dispatches.map((dispatch) => {
      const { code, bindings } = bindDispatch(dispatch, places, randomState, limits);
      return { source: numberOf(code), workgroups: dispatch.workgroups, bindings };
    });
  };
  const points = entryPoints.map(({ name, calls }) => ({
    function: name,
    dispatches: calls.flatMap(({ kernel, operands }) => dispatchesOf(kernel, operands)),
  }));
  const bindings = points.flatMap(({ dispatches }) => dispatches.flatMap((dispatch) => dispatch.bindings));
  return {
    chunks: chunksOf(totalBytes),
    largestBinding: bindings.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    sources: [...numbers.keys()],
    entryPoints: points,
  };
}

function refuseTooLarge({ bytes }: MemoryRange): void {
  if (bytes <= bindingBytes) return;
  const mebibytes = (count: number) => `${(count / 2 ** 20).toFixed(0)} MiB`;
  throw new UserError(
    `a tensor of ${mebibytes(bytes)} is more than WebGPU binds at once, which is ${mebibytes(bindingBytes)}`,
    "Use a smaller batch or a smaller net, or the CPU.",
  );
}

function chunksOf(totalBytes: number): MemoryRange[] {
  const chunks: MemoryRange[] = [];
  for (let offset = 0; offset < totalBytes; offset += bufferBytes) {
    chunks.push({ offset, bytes: align(Math.min(bufferBytes, totalBytes - offset), bindingAlignment) });
  }
  return chunks;
}
