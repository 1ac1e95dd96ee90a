/**
 * What each kernel family makes of its spec: how much scratch it needs, what it costs,
 * and the code of its function.
 *
 * Invariant: a kernel divides its work among threads into pieces that depend on shapes
 * alone, and one thread computes each output element wholly, so every number of
 * threads gives the same bits.
 */
import type { FunctionBuilder, FunctionReference } from "./encoder/function.js";
import type { I32, Local } from "./encoder/value.js";

export interface KernelCode {
  /** Inputs and outputs, in the order of the function's parameters. */
  readonly inputs: number;
  readonly outputs: number;
  /** Bytes of scratch for each thread; a multiple of 64. */
  readonly scratchBytes: number;
  /** Additions and multiplications (transcendental functions count as one). */
  readonly flops: number;
  /** How kernels that differ only in a length can be one function; null where they cannot. */
  readonly sharing: () => Sharing | null;
  readonly write: (f: FunctionBuilder, call: KernelCall) => void;
}

/** Kernels with equal keys have the same code, which takes the length as an argument. */
export interface Sharing {
  readonly key: string;
  readonly length: number;
}

export function notShared(): null {
  return null;
}

/** What a kernel's code sees of its call. */
export interface KernelCall {
  readonly inputs: readonly Local<"i32">[];
  readonly outputs: readonly Local<"i32">[];
  /** This thread's scratch. */
  readonly scratch: I32;
  readonly thread: I32;
  readonly threads: I32;
  /** The length, for kernels that share their function. */
  readonly length: I32;
  readonly environment: KernelEnvironment;
}

/** What kernels share with their module. */
export interface KernelEnvironment {
  /** Fused multiply-add where the engine has it: other bits, so never by default. */
  readonly relaxed: boolean;
  /** The function (i32x4 of element numbers, stream) -> f32x4 of uniform numbers. */
  readonly random: () => FunctionReference;
}

/** Scratch areas of a kernel, laid out one behind the other on cache lines. */
export interface ScratchLayout {
  /** The byte offset of a new area. */
  readonly reserve: (bytes: number) => number;
  readonly total: () => number;
}

const cacheLine = 64;

export function scratchLayout(): ScratchLayout {
  let bytes = 0;
  return {
    reserve: (size) => {
      const offset = bytes;
      bytes += Math.ceil(size / cacheLine) * cacheLine;
      return offset;
    },
    total: () => bytes,
  };
}
