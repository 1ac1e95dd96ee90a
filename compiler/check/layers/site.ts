/** The place in the source where a layer is applied. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../syntax/ast.js";

/** Where and how a layer is applied. */
export interface Site {
  /** The whole application: `conv(6, 5)` after an arrow, `concat(a, b)`, `a + b`. */
  readonly span: Span;
  /** What messages point at: the operator of `a + b`, the word of `concat(a, b)`. */
  readonly head: Span;
  readonly name: Identifier | null;
  /** Where the operands are written, in order: before the arrow, or as arguments. */
  readonly operands: readonly Span[];
  /** Whether the operands flow in from an arrow. */
  readonly isFlow: boolean;
}
