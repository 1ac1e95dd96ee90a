/**
 * The Graph: an immutable program of tensors in static single assignment form,
 * nodes in topological order, every size a number.
 *
 * Invariant: nodes are pure. Random numbers are functions of (stream, step,
 * element), and persistent buffers change only through `updates`, which all take
 * effect together after the last node. So any two equal nodes may be merged and
 * any unused node dropped.
 */
import type { DataType } from "../../runtime/program/program.js";
import type { Expression, ScalarExpression } from "../../runtime/program/expression.js";

export type { DataType };
export type ValueId = number & { readonly __brand: "ValueId" };

export interface TensorType {
  readonly dataType: DataType;
  readonly shape: readonly number[];
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  /** Type of every value, indexed by ValueId. */
  readonly types: readonly TensorType[];
  /** What the host reads after a call. */
  readonly outputs: readonly NamedValue[];
  /** What persistent buffers become. */
  readonly updates: readonly Update[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: ValueId;
}

export interface Update {
  /** The persistent buffer's name. */
  readonly buffer: string;
  readonly value: ValueId;
}

/** One operation. `Op` is the key into OpAttributes. */
export type Node = { readonly [K in Op]: NodeOf<K> }[Op];

export interface NodeOf<K extends Op> {
  readonly op: K;
  readonly attributes: OpAttributes[K];
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  /** Where it comes from, for people: a layer's path or `gradient of conv1`. */
  readonly label: string;
}

export type Op = keyof OpAttributes;

/** Pairs are [vertical, horizontal]; paddings [top, left, bottom, right]. */
export interface WindowAttributes {
  readonly size: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number, number, number];
}

export interface ConvAttributes {
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number, number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/**
 * What is done to each element of a product before it is stored. Input 0 of the
 * expression is the product; input i >= 1 is the node's operand `first + i - 1`,
 * where `first` is the op's own number of operands; each broadcasts to the output.
 */
export interface Epilogue {
  readonly expression: Expression;
}

export interface OpAttributes {
  // --- sources
  /** A tensor that the host writes before a call. `limit`: integers in [0, limit). */
  readonly input: { readonly name: string; readonly type: TensorType; readonly limit: number | null };
  /** The content of a persistent buffer before this call's updates. */
  readonly buffer: { readonly name: string; readonly type: TensorType };
  /** A rank-0 number computed by the runtime. */
  readonly scalar: { readonly name: string; readonly expression: ScalarExpression };
  /** A rank-0 constant. */
  readonly constant: { readonly value: number };

  // --- pointwise and reductions
  /**
   * One expression at every position of `shape`. Operands have the same rank with each
   * size equal or 1 (broadcast), or rank 0.
   */
  readonly map: { readonly expression: Expression; readonly shape: readonly number[] };
  /** Sum or maximum over axes, which stay with size 1. */
  readonly reduce: { readonly combine: Combine; readonly axes: readonly number[] };
  /** What fusion makes of maps and reduces; see LoopAttributes. */
  readonly loop: LoopAttributes;

  // --- products
  /** [m, k] by [k, n]; a transposed operand is given as [k, m] or [n, k]. */
  readonly matmul: {
    readonly transposeLeft: boolean;
    readonly transposeRight: boolean;
    readonly epilogue: Epilogue | null;
  };
  /** x [N, C, H, W], weight [O, C / groups, kh, kw] -> [N, O, H', W']; no bias of its own. */
  readonly conv: ConvAttributes & { readonly epilogue: Epilogue | null };
  /** cotangent [N, O, H', W'], weight -> gradient of x [N, C, height, width]; also transposed convolution. */
  readonly conv_input_gradient: ConvAttributes & {
    readonly height: number;
    readonly width: number;
    readonly epilogue: Epilogue | null;
  };
  /** x, cotangent -> gradient of the weight [O, C / groups, kh, kw]. */
  readonly conv_weight_gradient: ConvAttributes & { readonly size: readonly [number, number] };

  // --- windows
  /** Padding never wins. `ceil` rounds the output size up; windows start inside the input or its left padding. */
  readonly max_pool: WindowAttributes & { readonly ceil: boolean };
  /** x, cotangent -> gradient of x; the first of equal maxima takes it. */
  readonly max_pool_gradient: WindowAttributes & { readonly ceil: boolean };
  readonly avg_pool: WindowAttributes & { readonly ceil: boolean; readonly countIncludesPad: boolean };
  /** cotangent -> gradient of x [N, C, height, width]. */
  readonly avg_pool_gradient: WindowAttributes & {
    readonly ceil: boolean;
    readonly countIncludesPad: boolean;
    readonly height: number;
    readonly width: number;
  };

  // --- views and copies
  /** The same tensor, through which no gradient flows; simplification removes it once gradients are taken. */
  readonly detach: Readonly<Record<string, never>>;
  readonly reshape: { readonly shape: readonly number[] };
  /** Output axis i is input axis order[i]. */
  readonly transpose: { readonly order: readonly number[] };
  /** Half-open [start, stop) with a positive step, per axis. */
  readonly slice: {
    readonly start: readonly number[];
    readonly stop: readonly number[];
    readonly step: readonly number[];
  };
  /** Places x in zeros: `before` elements ahead, `step - 1` zeros between, up to `shape`. */
  readonly place: {
    readonly before: readonly number[];
    readonly step: readonly number[];
    readonly shape: readonly number[];
  };
  readonly concat: { readonly axis: number };
}

export type Combine = "sum" | "maximum";

/**
 * Fused pointwise work and reductions over one domain. For every position of the kept
 * axes: run the reductions in order over the reduced axes (a later one may use the
 * result of an earlier one as `reduced i`), then compute the outputs.
 *
 * Operands broadcast to `domain` as in `map`. Softmax is: maximum of x; sum of
 * exp(x - reduced 0); output exp(x - reduced 0) / reduced 1.
 *
 * Expressions repeat what they share (an optimizer's new mean stands inside its new
 * parameter), so kernels compute equal subexpressions once per element, and those that
 * do not change within a row once per row.
 */
export interface LoopAttributes {
  readonly domain: readonly number[];
  /** Ascending; empty for purely pointwise work. */
  readonly reducedAxes: readonly number[];
  readonly reductions: readonly { readonly combine: Combine; readonly expression: Expression }[];
  readonly outputs: readonly LoopOutput[];
}

export interface LoopOutput {
  readonly expression: Expression;
  /** `domain`: one element per position; `kept`: one per row, reduced axes of size 1. */
  readonly over: "domain" | "kept";
}
