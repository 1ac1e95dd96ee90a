/** Diagnostics as plain data for `--json`, with lines and columns beside offsets. */
import type { Diagnostic, DiagnosticCode, Severity, Span } from "./diagnostic.js";
import { createLineMap } from "./positions.js";
import type { Sources } from "./positions.js";

export interface JsonSpan {
  readonly file: string;
  readonly start: JsonPosition;
  readonly end: JsonPosition;
}

export interface JsonPosition {
  /** In UTF-16 units from the beginning of the file. */
  readonly offset: number;
  /** From 1; null when the file's text is not known. */
  readonly line: number | null;
  /** In characters, from 1; null when the file's text is not known. */
  readonly column: number | null;
}

export interface JsonDiagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span: JsonSpan;
  readonly label: string;
  readonly related: readonly { readonly span: JsonSpan; readonly label: string }[];
  readonly notes: readonly string[];
  readonly suggestion: {
    readonly message: string;
    readonly edits: readonly { readonly span: JsonSpan; readonly text: string }[];
  } | null;
}

export function toJson(diagnostic: Diagnostic, sources: Sources): JsonDiagnostic {
  const { code, severity, message, label, notes, suggestion } = diagnostic;
  const place = (span: Span): JsonSpan => placeOf(span, sources(span.file));
  return {
    code,
    severity,
    message,
    span: place(diagnostic.span),
    label,
    related: diagnostic.related.map((related) => ({ span: place(related.span), label: related.label })),
    notes,
    suggestion: suggestion && {
      message: suggestion.message,
      edits: suggestion.edits.map((edit) => ({ span: place(edit.span), text: edit.text })),
    },
  };
}

function placeOf({ file, start, end }: Span, text: string | null): JsonSpan {
  const map = text === null ? null : createLineMap(text);
  const position = (offset: number): JsonPosition => {
    const found = map?.positionAt(offset);
    return { offset, line: found?.line ?? null, column: found?.column ?? null };
  };
  return { file, start: position(start), end: position(end) };
}
