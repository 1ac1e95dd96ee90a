/**
 * What an op is: everything the compiler knows about it stands in one definition,
 * and nothing elsewhere asks for an op by name to learn its types or its meaning.
 *
 * Invariant: `infer` accepts exactly the nodes that all other functions can handle.
 */
import type { GraphBuilder } from "../ir/builder.js";
import type { Op, OpAttributes, TensorType, ValueId } from "../ir/graph.js";
import type { ScalarVariable } from "../../runtime/program/expression.js";

export interface OpDefinition<K extends Op> {
  /** One or two sentences for the reference. */
  readonly documentation: string;
  /**
   * The types of the outputs.
   * @throws InternalError when attributes or inputs break one of the op's rules
   */
  readonly infer: (attributes: OpAttributes[K], inputs: readonly TensorType[]) => readonly TensorType[];
  /** Multiplications, additions and other arithmetic on elements; 0 for what only moves data. */
  readonly flops: (
    attributes: OpAttributes[K],
    inputs: readonly TensorType[],
    outputs: readonly TensorType[],
  ) => number;
  /**
   * For every output, the inputs whose memory it may take over: the op has read an element
   * of such an input for the last time when it writes the same element of the output.
   */
  readonly inPlace: (
    attributes: OpAttributes[K],
    inputs: readonly TensorType[],
    outputs: readonly TensorType[],
  ) => readonly (readonly number[])[];
  /** For every input, what builds its cotangent, or null where none flows. */
  readonly gradient: (context: GradientContext<K>) => readonly (CotangentRule | null)[];
  /** The outputs in float64: the reference meaning of the op. */
  readonly evaluate: (context: EvaluationContext<K>) => readonly Float64Array[];
}

/** Called only for inputs whose cotangent is wanted. */
export type CotangentRule = () => ValueId;

export interface GradientContext<K extends Op> {
  readonly builder: GraphBuilder;
  readonly attributes: OpAttributes[K];
  readonly inputs: readonly ValueId[];
  /** The node's (only) output, which a rule may use instead of computing it again. */
  readonly output: ValueId;
  readonly cotangent: ValueId;
}

export interface EvaluationContext<K extends Op> {
  readonly attributes: OpAttributes[K];
  readonly inputs: readonly Float64Array[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  readonly environment: EvaluationEnvironment;
}

/** What a graph's sources are at one call. */
export interface EvaluationEnvironment {
  readonly inputs: ReadonlyMap<string, ArrayLike<number>>;
  /** Persistent buffers by name. */
  readonly buffers: ReadonlyMap<string, ArrayLike<number>>;
  readonly variables: Readonly<Record<ScalarVariable, number>>;
  /** The 32-bit seed of random expressions; their step is `variables.step`. */
  readonly seed: number;
}

/** The definition of every op. */
export type OpTable = { readonly [K in Op]: OpDefinition<K> };

/** An in-place rule for ops that read what they need at other positions than they write. */
export function neverInPlace(
  _attributes: unknown,
  _inputs: readonly TensorType[],
  outputs: readonly TensorType[],
): readonly (readonly number[])[] {
  return outputs.map(() => []);
}

/** A gradient rule for ops through which no cotangent flows. */
export function noGradient({ inputs }: { readonly inputs: readonly ValueId[] }): readonly null[] {
  return inputs.map(() => null);
}

/** The cost of ops that only move or name data. */
export function noFlops(): number {
  return 0;
}
