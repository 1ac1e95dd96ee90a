/** What is remembered of a block's use, so that an equal use need not be elaborated again. */
import type { BlockDeclaration } from "../../syntax/ast.js";
import type { FlowApplication, FlowObligation } from "../flow.js";
import type { Tensor } from "../model.js";
import type { Leaf } from "../nets/construction.js";
import type { ObservedPart } from "../observer.js";
import type { Facts } from "../values/facts.js";
import type { Scope, Value } from "../values/value.js";

/** One use of a block that went well. */
export interface Recording {
  readonly operands: readonly Tensor[];
  readonly outcome: Value;
  /** The scope with the layers that it made. */
  readonly scope: Scope;
  /** What was known about sizes before it, and after it too. */
  readonly facts: Facts;
  /** What it added to the flow. */
  readonly applications: readonly FlowApplication[];
  readonly obligations: readonly FlowObligation[];
  /** What it added to the net's layers. */
  readonly leaves: readonly Leaf[];
  readonly elements: number;
  /** The blocks used inside. */
  readonly blocks: ReadonlySet<BlockDeclaration>;
  /** What an observer saw; null when nobody watched. */
  readonly observed: ObservedPart | null;
  readonly evaluations: number;
  /** How deep in expressions and in blocks it stood: an equal use that stands deeper may exceed a limit. */
  readonly nesting: number;
  readonly depth: number;
}

/** The uses of blocks in one net, by what they depend on. */
export interface Recordings {
  readonly byUse: Map<string, Recording>;
  /** Those of an earlier elaboration of the net, in an editor. */
  readonly earlier: ReadonlyMap<string, Recording>;
}

/** Gives objects numbers that stand for them in a text: the same one for the same object. */
export function createNumbering(): (object: object) => number {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return (object) => {
    const known = numbers.get(object);
    if (known !== undefined) return known;
    last += 1;
    numbers.set(object, last);
    return last;
  };
}
