/**
 * WebGPU as planning sees it: shaders over a few buffers that hold one linear memory.
 *
 * Invariant: what is emitted stays within WebGPU's default limits, so every adapter takes it;
 * except where one tensor is larger than they allow and cannot be computed in blocks: then the
 * program says how much it wants, and adapters that give less refuse it before anything runs.
 */
import type {
  Dispatch,
  GpuFeature,
  MemoryRange,
  OperandPlace,
  ShaderProgram,
} from "../../runtime/program/program.js";
import { fittingBatch, smallerBatchAdvice } from "../../runtime/program/fitting-batch.js";
import { UserError } from "../../runtime/program/user-error.js";
import { invariant } from "../diagnostics/invariant.js";
import { bindDispatch } from "../codegen/wgsl/access.js";
import type { WgslKernel, WgslOptions } from "../codegen/wgsl/kernel-code.js";
import { wgslKernel } from "../codegen/wgsl/kernels.js";
import type { KernelSpec } from "../select/kernel.js";
import { overwrites } from "../select/overwrites.js";
import { align } from "./regions.js";
import type { ModulePlan, PlanTarget } from "./target.js";

/** What an adapter must give; more only for single tensors that are larger. */
export interface WebGpuLimits {
  /** Of one binding. */
  readonly bindingBytes: number;
  /** Of one tensor, before it is computed in blocks; as much as is bound at once by default. */
  readonly tensorBytes?: number;
  readonly bufferBytes: number;
  /** Of one shader. */
  readonly storageBuffers: number;
}

/** What every adapter gives. */
export const defaultLimits: WebGpuLimits = { bindingBytes: 2 ** 27, bufferBytes: 2 ** 28, storageBuffers: 8 };

/** Shaders count elements, of four bytes, and sometimes bytes in 32 bits. */
const mostBindingBytes = 2 ** 32 - 4;
/** `minStorageBufferOffsetAlignment` */
const bindingAlignment = 256;
/** What kernels read many of at once: biases, statistics of channels, their optimizers' state. */
const smallBytes = 2 ** 14;
/** What a vector of four numbers takes: bindings are whole vectors. */
const vectorBytes = 16;

export function webgpuTargetWithin(limits: WebGpuLimits, options?: WgslOptions): PlanTarget {
  const compile = (kernel: KernelSpec): WgslKernel => wgslKernel(kernel, options);
  return {
    name: "webgpu",
    alignment: bindingAlignment,
    scalarsFirst: true,
    smallBytes,
    chunkBytes: limits.bufferBytes,
    mostTensorBytes: limits.tensorBytes ?? limits.bindingBytes,
    mostMemory: { bytes: 2 ** 36, reason: "no GPU has that" },
    scratchBytes: (kernel) => compile(kernel).scratchBytes,
    flops: (kernel) => compile(kernel).flops,
    overwrites,
    emit: (plan) => ({ module: new Uint8Array(), shaders: emitShaders(plan, limits, compile) }),
  };
}

export const webgpuTarget = webgpuTargetWithin(defaultLimits);

function emitShaders(
  plan: ModulePlan,
  limits: WebGpuLimits,
  compile: (kernel: KernelSpec) => WgslKernel,
): ShaderProgram {
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
  const dispatchesOf = (name: string, operands: readonly OperandPlace[]): Dispatch[] => {
    const kernel = kernels.get(name);
    invariant(kernel !== undefined, () => `a call of the unknown kernel ${name}`);
    const places = operands.map((place) => ({ ...place, bytes: align(place.bytes, vectorBytes) }));
    return compile(kernel).dispatches.map((dispatch) => {
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
  refuseTooLarge(plan, largestBinding);
  const sources = [...numbers.keys()];
  const features = featuresOf(sources);
  return {
    chunks,
    largestBinding,
    ...(features.length === 0 ? {} : { features }),
    sources,
    entryPoints: points,
  };
}

/** What the shaders enable, by the names of adapters' features. */
function featuresOf(sources: readonly string[]): readonly GpuFeature[] {
  const enables = (extension: string): boolean =>
    sources.some((source) => source.includes(`enable ${extension};`));
  return [
    ...(enables("f16") ? (["shader-f16"] as const) : []),
    ...(enables("subgroups") ? (["subgroups"] as const) : []),
  ];
}

function refuseTooLarge({ entryPoints, randomStateOffset }: ModulePlan, largestBinding: number): void {
  if (largestBinding <= mostBindingBytes) return;
  const gibibytes = (count: number) => `${(count / 2 ** 30).toFixed(1)} GiB`;
  throw new UserError(
    `a tensor of ${gibibytes(largestBinding)} is more than shaders can count, which is ${gibibytes(mostBindingBytes)}`,
    smallerBatchAdvice(fittingBatch(entryPoints, mostBindingBytes, randomStateOffset)),
  );
}

/** Buffers as large as every adapter gives them; larger only where one value would lie in two. */
function chunksOf({ entryPoints, chunkStarts, totalBytes }: ModulePlan, bufferBytes: number): MemoryRange[] {
  const large = entryPoints
    .flatMap(({ calls }) => calls.flatMap(({ operands }) => operands))
    .filter(({ bytes }) => bytes > bufferBytes);
  const isWithin = (boundary: number): boolean =>
    large.some(({ offset, bytes }) => offset < boundary && boundary < offset + bytes);
  const starts = [...chunkStarts];
  for (let start = starts.at(-1)! + bufferBytes; start < totalBytes; start += bufferBytes) {
    if (!isWithin(start)) starts.push(start);
  }
  return starts.map((offset, index) => {
    const end = starts[index + 1] ?? align(totalBytes, bindingAlignment);
    return { offset, bytes: end - offset };
  });
}
