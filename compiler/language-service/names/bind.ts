/**
 * Every name that a declaration writes down, with what it refers to as far as the declaration
 * itself tells: names bound inside, or names from outside.
 *
 * Works on any tree, also one with mistakes. Spans are inside the declaration's piece.
 */
import type { Comment, Declaration, Identifier } from "../../syntax/ast.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { bindDeclaration } from "./walk.js";

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

/** `isConstant` tells which names of the module are constants, and so no size variables. */
export function bind(declaration: Declaration, isConstant: (name: string) => boolean): Bound {
  const occurrences: Occurrence[] = [];
  const locals: Local[] = [];
  bindDeclaration(declaration, isConstant, {
    occurrence: (identifier: Identifier, target: Target, isDefinition = false) => {
      if (identifier.name === "_" || identifier.span.start === identifier.span.end) return;
      occurrences.push({ span: identifier.span, name: identifier.name, isDefinition, target });
    },
    local: (local: Local) => {
      locals.push(local);
    },
  });
  return { occurrences: occurrences.toSorted((left, right) => left.span.start - right.span.start), locals };
}
