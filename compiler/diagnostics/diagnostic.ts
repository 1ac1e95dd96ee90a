/**
 * The one shape in which a user's mistake travels: from any stage to the
 * terminal, `--json`, the editor and the browser, with the same spans.
 *
 * Invariant: a user's mistake is a Diagnostic, collected; a compiler's mistake
 * throws through `invariant()`. Nothing in between.
 */

/** A half-open range of UTF-16 offsets in one source file. */
export interface Span {
  /** The file as the user named it, for example `dsl-examples/lenet.net`. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Severity = "error" | "warning" | "hint";

/** A place that explains the mistake, with the few words to write beside it. */
export interface RelatedSpan {
  readonly span: Span;
  readonly label: string;
}

/** A replacement of the text at `span`; an empty span inserts. */
export interface TextEdit {
  readonly span: Span;
  readonly text: string;
}

/** Advice that ends the message; with `edits` an editor can apply it. */
export interface Suggestion {
  /** A full sentence, for example `Give skip the same change: x -> conv(128, 1, stride=2)`. */
  readonly message: string;
  readonly edits: readonly TextEdit[];
}

export interface Diagnostic {
  /** Stable, shown in brackets: `error[shape]`. All codes are listed in `codes.ts`. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One line, lower case, no full stop: what is wrong. */
  readonly message: string;
  readonly span: Span;
  /** The words written under the marked place; empty for none. */
  readonly label: string;
  readonly related: readonly RelatedSpan[];
  /** Lines that show the arithmetic and walk back to where things came from. */
  readonly notes: readonly string[];
  readonly suggestion: Suggestion | null;
}

import type { DiagnosticCode } from "./codes.js";
export type { DiagnosticCode };

/** Builds a Diagnostic, filling in what is usually absent. */
export function diagnostic(
  code: DiagnosticCode,
  span: Span,
  message: string,
  more: Partial<Pick<Diagnostic, "severity" | "label" | "related" | "notes" | "suggestion">> = {},
): Diagnostic {
  return {
    code,
    severity: more.severity ?? "error",
    message,
    span,
    label: more.label ?? "",
    related: more.related ?? [],
    notes: more.notes ?? [],
    suggestion: more.suggestion ?? null,
  };
}
