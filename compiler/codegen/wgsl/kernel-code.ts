/**
 * What each kernel family makes of its spec for a GPU: the dispatches it takes, the WGSL of
 * each, and the scratch they hand results on in.
 *
 * Invariant: the work is split into pieces that depend on shapes alone, and every output
 * element is computed in one order, so the same adapter gives the same bits in every run.
 * Every shader fits WebGPU's default limits: 256 invocations and 16 KiB of memory per
 * workgroup, 65,535 workgroups per dimension. Index arithmetic is in u32.
 */

/** What shaders may use that not every adapter has. */
export interface WgslOptions {
  /** Long rows are added up over subgroups, in an order that follows from their size. */
  readonly subgroups: boolean;
}

export interface WgslKernel {
  /** Inputs and outputs, in the order of the call's operands; the scratch comes after them. */
  readonly inputs: number;
  readonly outputs: number;
  /** Bytes of scratch that the dispatches share, not one per thread; 0 for none. */
  readonly scratchBytes: number;
  /** Additions and multiplications (transcendental functions count as one). */
  readonly flops: number;
  /** One after the other; each sees what the ones before it wrote. */
  readonly dispatches: readonly WgslDispatch[];
}

export interface WgslDispatch {
  /** What it touches, among the call's operands: inputs, outputs, then the scratch. */
  readonly operands: readonly DispatchOperand[];
  readonly workgroups: readonly [x: number, y: number, z: number];
  /**
   * The WGSL after the declarations of the operands: functions, workgroup memory and the
   * entry point `main`. Equal texts over equal bindings become one pipeline.
   */
  readonly write: (access: OperandAccess) => string;
}

export interface DispatchOperand {
  /** The position among the call's operands. */
  readonly operand: number;
  readonly access: "read" | "write" | "update";
  readonly dataType: "f32" | "i32";
  /**
   * 4 where every access is of four neighbouring elements that begin at a multiple of four:
   * indices given to `read` and `write` then count such groups, and values are `vec4<f32>`.
   */
  readonly width: 1 | 4;
}

/** How a shader speaks of its operands; which buffer they are bound to is decided later. */
export interface OperandAccess {
  /** An expression: the element (or group of four) of an operand at a u32 index expression. */
  readonly read: (operand: number, index: string) => string;
  /** A statement that stores a value. */
  readonly write: (operand: number, index: string, value: string) => string;
  /** Expressions for the 32-bit words `seed` and `step`, u32, for random numbers. */
  readonly randomState: { readonly seed: string; readonly step: string };
}
