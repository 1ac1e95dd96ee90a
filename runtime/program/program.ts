/**
 * The Program: what the compiler makes and the runtime runs. Complete, versioned,
 * plain data: it can be written, read back, checked and printed.
 *
 * Invariant: every address is fixed. Memory is one linear range: the persistent
 * buffers first, then the arena, which every entry point uses from its start.
 * All offsets are bytes and multiples of 16.
 */
import type { ScalarExpression } from "./expression.js";

export const programVersion = 1;

export type DataType = "f32" | "i32";

/** How memory holds a tensor's elements: as they are, or real numbers as IEEE 754 halves. */
export type StorageType = DataType | "f16";

/** What an element takes in memory. */
export function elementBytes(type: StorageType): number {
  return type === "f16" ? 2 : 4;
}

export interface Program {
  readonly format: "tulle-program";
  readonly version: typeof programVersion;
  /** The name of the source file's net or section, for messages. */
  readonly name: string;
  readonly target: "cpu" | "webgpu";
  /** The largest number of threads that scratch space is planned for. */
  readonly threads: number;
  readonly memory: ProgramMemory;
  readonly buffers: readonly PersistentBuffer[];
  readonly entryPoints: readonly EntryPoint[];
  /** The WebAssembly module: imports `env.memory`, exports each entry point's function. Empty for webgpu. */
  readonly module: Uint8Array;
  /** What a GPU runs; null for cpu. */
  readonly shaders: ShaderProgram | null;
  /**
   * For webgpu, what the CPU computes for the sake of equal bits: `initialize`, and the
   * sections' samples (kind `sample`), whose outputs are inputs of the steps. null for cpu.
   */
  readonly host: Program | null;
}

/**
 * The same plan for WebGPU: addresses count one linear memory too, which lies in several
 * buffers, and every kernel call is a few dispatches of shaders. An entry point's scalars
 * are the first of its arena, side by side, so that they are written with the random state
 * at once.
 */
export interface ShaderProgram {
  /** Every buffer's stretch of the linear memory, in order, without gaps; no value lies in two. */
  readonly chunks: readonly MemoryRange[];
  /** The largest stretch that is bound at once. */
  readonly largestBinding: number;
  /** What an adapter must have, beyond what every one has; absent for nothing. */
  readonly features?: readonly GpuFeature[];
  /** WGSL: each a module whose bindings are `read_write` storage buffers of group 0, and whose entry point is `main`. */
  readonly sources: readonly string[];
  readonly entryPoints: readonly {
    /** The entry point's `function`. */
    readonly function: string;
    readonly dispatches: readonly Dispatch[];
  }[];
}

/** By WebGPU's names: shaders that store halves, and ones that add up over subgroups. */
export type GpuFeature = "shader-f16" | "subgroups";

export interface MemoryRange {
  readonly offset: number;
  readonly bytes: number;
}

export interface Dispatch {
  /** The shader's place among the sources. */
  readonly source: number;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** By binding number; offsets are multiples of 256. */
  readonly bindings: readonly MemoryRange[];
}

export interface ProgramMemory {
  readonly persistentBytes: number;
  /** Where the arena begins: after the persistent buffers and the random state. */
  readonly arenaOffset: number;
  /** The largest arena of any entry point. */
  readonly arenaBytes: number;
  readonly totalBytes: number;
  /** Where the runtime writes the two 32-bit words `seed` and `step` that random expressions read. */
  readonly randomStateOffset: number;
}

export type BufferRole =
  /** Trained, saved, loaded by name. */
  | "parameter"
  /** Saved and loaded by name, updated by running: batch norm's running mean. */
  | "statistic"
  /** Saved in checkpoints only. */
  | "optimizer"
  /** Derived from the others by `prepare`; never saved. */
  | "prepared"
  /** An output of an entry point that is too large for the arena of a GPU; never saved. */
  | "output";

export interface PersistentBuffer {
  /** Unique: `LeNet5.conv1.weight`, `mnist.adam.mean/LeNet5.conv1.weight`. */
  readonly name: string;
  /** The net that owns a parameter or statistic; null for the others. */
  readonly net: string | null;
  /** The name inside the net, `conv1.weight`; equal to `name` for the others. */
  readonly path: string;
  readonly role: BufferRole;
  readonly dataType: StorageType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}

export type EntryPointKind =
  | "initialize"
  | "prepare"
  | "predict"
  | "step"
  /** Adds a batch's gradients to those of its group, which a `step` ends. */
  | "accumulate"
  | "evaluate"
  | "gradient"
  /** Draws a section's samples of a step. */
  | "sample"
  /** A step's forward and backward pass, of which the outputs count what is not finite. */
  | "probe";

export interface EntryPoint {
  /** Unique: `predict LeNet5 batch 32`. */
  readonly name: string;
  readonly kind: EntryPointKind;
  /** The net (predict) or train section (the other kinds with a batch) it belongs to; null for the others. */
  readonly of: string | null;
  /** The step of the section, for kind `step`, `accumulate`, `gradient` and `probe`. */
  readonly step: string | null;
  /** The batch size it is specialized for; null where there is none. */
  readonly batch: number | null;
  /** The exported WebAssembly function; called as `f(thread, threads)`. */
  readonly function: string;
  readonly inputs: readonly TensorBinding[];
  readonly outputs: readonly TensorBinding[];
  readonly scalars: readonly ScalarBinding[];
  readonly calls: readonly KernelCall[];
  readonly memory: MemoryReport;
}

/** A tensor that the host writes before, or reads after, a call: row-major at `offset`. */
export interface TensorBinding {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly bytes: number;
  /** Integers must lie in [0, limit); null for no check. */
  readonly limit: number | null;
}

/** The scalar that is a step's learning rate. */
export const rateScalar = "rate";

/** A float32 that the runtime computes in float64 before each call and writes at `offset`. */
export interface ScalarBinding {
  readonly name: string;
  readonly expression: ScalarExpression;
  readonly offset: number;
}

export interface KernelCall {
  /** The kernel function's name; equal kernels share one function. */
  readonly kernel: string;
  /** What it computes, for people: `conv 5x5 + bias + tanh (conv1)`. */
  readonly description: string;
  readonly operands: readonly KernelOperand[];
  readonly flops: number;
}

export interface KernelOperand {
  readonly access: "read" | "write" | "update" | "scratch";
  readonly offset: number;
  readonly bytes: number;
  /** What lives there, for people and for the verifier: a value's or buffer's name. */
  readonly value: string;
  /** Where its elements are halves; absent for four bytes each. */
  readonly dataType?: "f16";
}

/** Where an operand lies, and whether in halves. */
export type OperandPlace = Pick<KernelOperand, "offset" | "bytes" | "dataType">;

/** Bytes; see docs on memory. */
export interface MemoryReport {
  /** Every tensor in memory of its own. */
  readonly naive: number;
  /** The largest sum of live bytes before optimizations of the schedule. */
  readonly lowerBoundUnoptimized: number;
  /** The largest sum of live bytes at any step of the schedule chosen, scratch and alignment included. */
  readonly lowerBound: number;
  readonly arena: number;
}
