/**
 * What planning needs to know of a target. Everything else about plans is the same for
 * all of them.
 */
import type { OperandPlace, Program } from "../../runtime/program/program.js";
import type { KernelSpec } from "../select/kernel.js";

export interface PlanTarget {
  readonly name: Program["target"];
  /** Every address is a multiple of this many bytes. */
  readonly alignment: number;
  /** Whether scalars come first in the arena, side by side, so that they are written and bound at once. */
  readonly scalarsFirst: boolean;
  /** Values of at most so many bytes lie side by side where much memory is used, so that they can be bound at once. */
  readonly smallBytes: number;
  /**
   * Memory comes in chunks of this many bytes, and no value lies in two, except one that is
   * larger, which begins where a chunk begins; null for one piece.
   */
  readonly chunkBytes: number | null;
  /** Tensors that are larger are computed in blocks of rows where that is possible; null for no limit. */
  readonly mostTensorBytes: number | null;
  /** What a program may have in all, and where that comes from. */
  readonly mostMemory: { readonly bytes: number; readonly reason: string };
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
  readonly emit: (plan: ModulePlan) => Pick<Program, "module" | "shaders">;
}

/** The same target, which asks about each kernel once; planning asks again and again. */
export function rememberKernels(target: PlanTarget): PlanTarget {
  return {
    ...target,
    scratchBytes: remember(target.scratchBytes),
    flops: remember(target.flops),
    overwrites: remember(target.overwrites),
  };
}

function remember<Fact extends object | number>(find: (kernel: KernelSpec) => Fact) {
  const known = new Map<KernelSpec, Fact>();
  return (kernel: KernelSpec): Fact => {
    let fact = known.get(kernel);
    if (fact === undefined) known.set(kernel, (fact = find(kernel)));
    return fact;
  };
}

/** Kernels and the calls of every entry point, at their final addresses. */
export interface ModulePlan {
  /** By name, each once. */
  readonly kernels: ReadonlyMap<string, KernelSpec>;
  readonly entryPoints: readonly {
    readonly name: string;
    /** The batch size it is specialized for; null where there is none. */
    readonly batch: number | null;
    readonly calls: readonly { readonly kernel: string; readonly operands: readonly OperandPlace[] }[];
  }[];
  /** Where chunks of memory begin, up to the one in which the arena begins. */
  readonly chunkStarts: readonly number[];
  readonly totalBytes: number;
  readonly threads: number;
  readonly randomStateOffset: number;
  readonly barrierOffset: number;
}
