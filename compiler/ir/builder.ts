/**
 * Builds a Graph node by node. Types are inferred from the op table, so a builder
 * call that returns has built a well-typed node; a call that cannot is a mistake of
 * the compiler and throws.
 */
import type {
  BinaryOperator,
  Expression,
  ScalarExpression,
  UnaryOperator,
} from "../../runtime/program/expression.js";
import type {
  Combine,
  DataType,
  Graph,
  NamedValue,
  Node,
  Op,
  OpAttributes,
  TensorType,
  Update,
  ValueId,
} from "./graph.js";

export interface GraphBuilder {
  readonly type: (value: ValueId) => TensorType;
  readonly shape: (value: ValueId) => readonly number[];
  /** Names the nodes built inside `build`, for people. */
  readonly labelled: <T>(label: string, build: () => T) => T;

  /** Any op with one output. */
  readonly node: <K extends Op>(op: K, attributes: OpAttributes[K], inputs: readonly ValueId[]) => ValueId;
  /** Any op, with all its outputs. */
  readonly nodes: <K extends Op>(
    op: K,
    attributes: OpAttributes[K],
    inputs: readonly ValueId[],
  ) => readonly ValueId[];
  /** A node of another graph over inputs of the types that its own have, which make results of these types. */
  readonly copy: (
    node: Node,
    inputs: readonly ValueId[],
    results: readonly TensorType[],
  ) => readonly ValueId[];
  /** The nodes built so far, in order: what the gradient walks back over. */
  readonly built: () => readonly Node[];

  // Shorthands; each is one or a few calls of `node`. The same source asked for twice is one value.
  readonly input: (name: string, type: TensorType, limit?: number | null) => ValueId;
  readonly buffer: (name: string, type: TensorType) => ValueId;
  readonly scalar: (name: string, expression: ScalarExpression) => ValueId;
  readonly constant: (value: number) => ValueId;
  /** Operands broadcast (same rank, or rank 0); the shape is their common shape unless given. */
  readonly map: (expression: Expression, operands: readonly ValueId[], shape?: readonly number[]) => ValueId;
  readonly unary: (operator: UnaryOperator, value: ValueId) => ValueId;
  readonly binary: (operator: BinaryOperator, left: ValueId, right: ValueId) => ValueId;
  readonly add: (left: ValueId, right: ValueId) => ValueId;
  readonly subtract: (left: ValueId, right: ValueId) => ValueId;
  readonly multiply: (left: ValueId, right: ValueId) => ValueId;
  readonly divide: (left: ValueId, right: ValueId) => ValueId;
  /** value * factor, for a number known now. */
  readonly scale: (value: ValueId, factor: number) => ValueId;
  /** Axes stay with size 1. */
  readonly reduce: (combine: Combine, value: ValueId, axes: readonly number[]) => ValueId;
  readonly mean: (value: ValueId, axes: readonly number[]) => ValueId;
  readonly reshape: (value: ValueId, shape: readonly number[]) => ValueId;
  readonly broadcast: (value: ValueId, shape: readonly number[]) => ValueId;
  /** The same tensor, through which no gradient flows. */
  readonly detach: (value: ValueId) => ValueId;

  readonly finish: (name: string, outputs: readonly NamedValue[], updates: readonly Update[]) => Graph;
}

export type { DataType };
