/** What the language service answers: plain data, with offsets in UTF-16 units from the start of a file. */
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";

export type { Diagnostic, Span };

/** A stretch of a file that is known from the context. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Edit extends Range {
  readonly text: string;
}

/** Edits of several files, by path. */
export type FileEdits = ReadonlyMap<string, readonly Edit[]>;

export interface Fix {
  readonly title: string;
  readonly diagnostic: Diagnostic;
  readonly edits: FileEdits;
  /** Whether it is what nearly everybody would do. */
  readonly isPreferred: boolean;
}

export interface Hint {
  readonly offset: number;
  /** `[N, 16, 5, 5]` */
  readonly label: string;
  /** The arithmetic behind it. */
  readonly tooltip: string;
}

export interface Hover {
  readonly range: Range;
  readonly markdown: string;
}

export type CompletionKind =
  | "keyword"
  | "layer"
  | "function"
  | "optimizer"
  | "schedule"
  | "initializer"
  | "net"
  | "block"
  | "constant"
  | "variable"
  | "size"
  | "setting"
  | "word"
  | "part"
  | "file";

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** One line beside the label. */
  readonly detail: string;
  readonly documentation: string;
  /** What is inserted; `$1`, `${1:width}` and `$0` are places to fill in. */
  readonly snippet: string;
  /** What it replaces: the word before the cursor. */
  readonly range: Range;
  /** Lower comes first. */
  readonly rank: number;
}

export interface SignatureHelp {
  readonly label: string;
  readonly documentation: string;
  readonly parameters: readonly { readonly label: string; readonly documentation: string }[];
  /** null when the cursor is behind the last one. */
  readonly active: number | null;
}

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind:
    "import" | "constant" | "block" | "net" | "train" | "step" | "metric" | "binding" | "layer" | "input";
  readonly range: Range;
  /** The name itself. */
  readonly selection: Range;
  readonly children: readonly DocumentSymbol[];
}

export interface Folding extends Range {
  readonly kind: "comment" | "imports" | "region";
}

export const semanticTokenTypes = [
  "keyword",
  "comment",
  "string",
  "number",
  "operator",
  "function",
  "class",
  "parameter",
  "variable",
  "property",
  "enumMember",
  "type",
] as const;

export const semanticTokenModifiers = ["declaration", "readonly", "defaultLibrary", "documentation"] as const;

export interface SemanticToken extends Range {
  readonly type: (typeof semanticTokenTypes)[number];
  readonly modifiers: readonly (typeof semanticTokenModifiers)[number][];
}

/** A line above a net, filled in by `LanguageService.lensTitle` when there is time. */
export interface Lens {
  readonly range: Range;
  readonly net: string;
}

export type RenameResult =
  /** `consequence` is a sentence about what the renaming means outside of the texts; null for nothing. */
  | { readonly kind: "edits"; readonly edits: FileEdits; readonly consequence: string | null }
  | { readonly kind: "refused"; readonly reason: string };
