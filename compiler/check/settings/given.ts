/** An argument of a call that is a setting, before it is bound to one of the word's. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Identifier } from "../../syntax/ast.js";
import type { Value } from "../values/value.js";

/** One argument that is a setting. */
export interface GivenSetting {
  /** null when given by position. */
  readonly name: Identifier | null;
  readonly value: Value;
  readonly span: Span;
}
