/** What is remembered of a block's use, so that an equal use need not be elaborated again. */
import type { Facts } from "../values/facts.js";
import type { Scope, Value } from "../values/value.js";
import type { Tensor } from "../model.js";

/** One use of a block that went well; ranges are half-open. */
export interface Recording {
  readonly operands: readonly Tensor[];
  readonly outcome: Value;
  /** The scope with the layers that it made. */
  readonly scope: Scope;
  /** What was known about sizes before it, and after it too. */
  readonly facts: Facts;
  /** Its part of the flow's applications. */
  readonly applications: Range;
  readonly obligations: Range;
  /** Its part of the net's layers. */
  readonly leaves: Range;
  readonly elements: number;
  readonly evaluations: number;
  /** How deep in expressions and in blocks it stood: an equal use that stands deeper may exceed a limit. */
  readonly nesting: number;
  readonly depth: number;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The uses of blocks in one net, by what they depend on. */
export interface Recordings {
  readonly byUse: Map<string, Recording>;
  /** Numbers for declarations and layers, to stand for them in a text. */
  readonly numbers: Map<object, number>;
}
