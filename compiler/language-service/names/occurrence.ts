/** A name as it is written somewhere, and what it refers to as far as its declaration tells. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Comment, Declaration } from "../../syntax/ast.js";

export type LocalKind = "setting" | "block setting" | "size" | "input" | "sample" | "binding" | "item";

/** A name bound inside a declaration. */
export interface Local {
  readonly kind: LocalKind;
  readonly name: string;
  readonly span: Span;
  readonly documentation: readonly Comment[];
  /** Where it can be used: the body it is bound in. */
  readonly scope: Span;
}

export type Target =
  | { readonly kind: "local"; readonly local: Local }
  /** A declaration of the file, an import, or a word of the library. */
  | { readonly kind: "global" }
  /** `pad` in `conv(6, 5, pad=2)`; `callee` is the word or block before the parenthesis. */
  | { readonly kind: "argument"; readonly callee: string | null }
  /** `same` in `pad=same`. */
  | { readonly kind: "choice"; readonly callee: string }
  /** `conv1` in `as conv1`. */
  | { readonly kind: "label" }
  /** `head` in `Net.head`: the path from the net's name to here. */
  | { readonly kind: "part"; readonly path: readonly string[] }
  /** `Basic` in `import { Basic }`; the alias has a target of its own. */
  | { readonly kind: "import"; readonly from: string }
  | { readonly kind: "alias"; readonly from: string; readonly imported: string }
  /** The name of a declaration. */
  | { readonly kind: "declaration"; readonly declaration: Declaration };

export interface Occurrence {
  readonly span: Span;
  readonly name: string;
  readonly isDefinition: boolean;
  readonly target: Target;
}

export interface Bound {
  /** In the order of the text. */
  readonly occurrences: readonly Occurrence[];
  readonly locals: readonly Local[];
}
