/**
 * What planning needs to know of a target. Everything else about plans is the same for
 * all of them.
 */
import type { KernelSpec } from "../select/kernel.js";

export interface PlanTarget {
  /** Scratch that a kernel needs for each thread, in bytes; 0 for none. */
  readonly scratchBytes: (kernel: KernelSpec) => number;
  readonly flops: (kernel: KernelSpec) => number;
  /**
   * For every output, the inputs (their positions) whose memory it may take over: the
   * kernel has read an element of such an input for the last time when it writes the same
   * element of the output.
   */
  readonly overwrites: (kernel: KernelSpec) => readonly (readonly number[])[];
  /** Machine code for what has been planned. */
  readonly emit: (plan: ModulePlan) => Uint8Array;
}

/** Kernels and the calls of every entry point, at their final addresses. */
export interface ModulePlan {
  /** By name, each once. */
  readonly kernels: ReadonlyMap<string, KernelSpec>;
  readonly entryPoints: readonly {
    readonly name: string;
    /** Addresses of inputs, outputs, then scratch if the kernel has any. */
    readonly calls: readonly { readonly kernel: string; readonly addresses: readonly number[] }[];
  }[];
  readonly totalBytes: number;
  readonly threads: number;
  readonly randomStateOffset: number;
  readonly barrierOffset: number;
}
