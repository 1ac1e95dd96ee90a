/**
 * The KernelGraph of the CPU target: the Graph with an algorithm chosen for every
 * node, physical buffers for its values, and scratch.
 *
 * Invariant: a KernelSpec is plain data that says everything code generation needs;
 * equal specs become one function. It computes with float32 and int32, whatever its
 * tensors are stored as. All are dense, row-major, at 16-byte aligned addresses.
 */
import type { Expression } from "../../runtime/program/expression.js";
import type { StorageType } from "../../runtime/program/program.js";
import type { Combine, ConvAttributes, DataType, WindowAttributes } from "../ir/graph.js";

/** A slot is a buffer that a kernel reads or writes: a graph value or a persistent buffer. */
export type SlotId = number & { readonly __brand: "SlotId" };

export interface Slot {
  /** The slot's position among the slots. */
  readonly id: SlotId;
  /** Unique, for people and for the verifier. */
  readonly name: string;
  readonly dataType: StorageType;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly storage:
    | { readonly kind: "transient" }
    | { readonly kind: "persistent"; readonly buffer: string }
    /** Written by the host before the call: live from the beginning. */
    | { readonly kind: "input"; readonly name: string; readonly limit: number | null }
    /** A float32 the runtime computes before the call. */
    | { readonly kind: "scalar"; readonly name: string; readonly expression: Expression };
}

export interface KernelGraph {
  readonly name: string;
  readonly slots: readonly Slot[];
  readonly calls: readonly SelectedCall[];
  /** What the host reads afterwards: live to the end. The shape may be another view of the slot. */
  readonly outputs: readonly {
    readonly name: string;
    readonly slot: SlotId;
    readonly shape: readonly number[];
  }[];
  /**
   * Persistent buffers that take a slot's content after the last call. The planner writes
   * in place where it is safe and appends a copy where it is not.
   */
  readonly updates: readonly { readonly buffer: string; readonly slot: SlotId }[];
}

export interface SelectedCall {
  readonly kernel: KernelSpec;
  readonly inputs: readonly SlotId[];
  readonly outputs: readonly SlotId[];
  readonly description: string;
}

/**
 * The signature of every kernel function, in order: one i32 address per input, per
 * output, then, when the kernel has scratch, the address of this kernel's scratch
 * (`scratchBytes` per thread), then `thread` and `threads`. Work is split over threads
 * by the kernel itself, in pieces determined by shapes alone.
 */
export type KernelSpec =
  | MatmulKernel
  | ConvKernel
  | ConvInputGradientKernel
  | ConvWeightGradientKernel
  | LoopKernel
  | PoolKernel
  | CopyKernel;

/** c[m, n] = epilogue(sum_k a[m, k] * b[k, n]). Inputs: a, b, epilogue operands. */
export interface MatmulKernel {
  readonly family: "matmul";
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** a is stored [k, m]. */
  readonly transposeLeft: boolean;
  /** b is stored [n, k]. */
  readonly transposeRight: boolean;
  readonly epilogue: KernelEpilogue | null;
}

/**
 * Input 0 of the expression is the element just computed, input i >= 1 the operand
 * `operands[i - 1]`, read at the output's position with these element strides (0 where
 * it broadcasts), one stride per output axis.
 */
export interface KernelEpilogue {
  readonly expression: Expression;
  readonly operands: readonly { readonly dataType: DataType; readonly strides: readonly number[] }[];
}

/** Inputs: x [batch, channels, height, width], weight [width_out...], epilogue operands. */
export interface ConvKernel extends ConvGeometry {
  readonly family: "conv";
  readonly epilogue: KernelEpilogue | null;
}

/** Inputs: cotangent, weight, epilogue operands. Output: gradient of x. Also transposed convolution. */
export interface ConvInputGradientKernel extends ConvGeometry {
  readonly family: "conv_input_gradient";
  readonly epilogue: KernelEpilogue | null;
}

/** Inputs: x, cotangent. Output: gradient of the weight. */
export interface ConvWeightGradientKernel extends ConvGeometry {
  readonly family: "conv_weight_gradient";
}

/** The forward convolution that a kernel computes or differentiates. */
export interface ConvGeometry extends ConvAttributes {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly size: readonly [number, number];
}

/**
 * LoopAttributes with operand strides: per operand one element stride per domain axis
 * (0 where it broadcasts). Axes of size 1 are dropped and neighbouring axes merged
 * before code is generated.
 */
export interface LoopKernel {
  readonly family: "loop";
  readonly domain: readonly number[];
  readonly reducedAxes: readonly number[];
  readonly operands: readonly { readonly dataType: DataType; readonly strides: readonly number[] }[];
  readonly reductions: readonly { readonly combine: Combine; readonly expression: Expression }[];
  readonly outputs: readonly { readonly expression: Expression; readonly over: "domain" | "kept" }[];
}

/** Inputs: x (forward), x and cotangent (max gradient), cotangent (average gradient). */
export interface PoolKernel extends WindowAttributes {
  readonly family: "max_pool" | "max_pool_gradient" | "avg_pool" | "avg_pool_gradient";
  readonly planes: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  /** Average: whether padding counts in the divisor. */
  readonly countIncludesPad: boolean;
}

/**
 * Strided copies: for every piece i, input i is read over `shape` with `readStrides` from
 * `readOffset` and written with `writeStrides` from `writeOffset` (elements). With `clear`
 * the output is zeroed first. Transposition, slices, placement and concatenation.
 */
export interface CopyKernel {
  readonly family: "copy";
  readonly outputElements: number;
  readonly clear: boolean;
  readonly pieces: readonly {
    readonly shape: readonly number[];
    readonly readStrides: readonly number[];
    readonly readOffset: number;
    readonly writeStrides: readonly number[];
    readonly writeOffset: number;
  }[];
}
