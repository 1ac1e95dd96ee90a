/**
 * A dimension: one axis of a shape, with its size and where that size was made.
 *
 * Invariant: every size that reaches a user carries an origin from which a message
 * can walk back, step by step, to the declaration it began at.
 */
import type { Span } from "../diagnostics/diagnostic.js";
import type { Size } from "./size.js";

export interface Dimension {
  readonly size: Size;
  readonly origin: Origin;
}

export interface Origin {
  /** The expression that made the size; null for sizes the language itself fixes. */
  readonly span: Span | null;
  /** The arithmetic, `56 -> floor((56 + 2 - 2 - 1) / 2) + 1 = 28`; or `declared here`. */
  readonly text: string;
  /** The dimensions it was computed from, nearest first. */
  readonly from: readonly Dimension[];
}
