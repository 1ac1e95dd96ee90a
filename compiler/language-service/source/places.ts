/**
 * From spans inside pieces to spans in files.
 *
 * A message that mentions a line of a piece, which may move, is kept with a mark in its place;
 * the mark becomes a line number when the message is shown.
 */
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import { lineIndexAt } from "../../syntax/lexer/lines.js";
import type { ParsedFile, PlacedPiece } from "./files.js";
import { offsetAt } from "./piece.js";

export interface Places {
  /** The span in its file; a span that is in no piece stays as it is. */
  readonly resolve: (span: Span) => Span;
  readonly resolveDiagnostic: (diagnostic: Diagnostic) => Diagnostic;
}

interface Known extends PlacedPiece {
  readonly path: string;
}

const mark = "\u0001";
const separator = "\u0002";

/** What a message says until lines are known: the same for all that stands on a line. */
export function markPlace(text: (piece: string) => string | undefined): (span: Span, from: Span) => string {
  return (span, from) => {
    const before = text(span.file)?.slice(0, span.start) ?? "";
    const line = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1;
    return [mark, span.file, separator, String(line), separator, from.file, mark].join("");
  };
}

export function createPlaces(files: Iterable<ParsedFile>): Places {
  const known = new Map<string, Known>();
  for (const { path, pieces } of files) {
    for (const placed of pieces) known.set(placed.piece.id, { ...placed, path });
  }
  const resolve = (span: Span): Span => {
    const found = known.get(span.file);
    if (found === undefined) return span;
    const { path, piece, start } = found;
    return { file: path, start: start + offsetAt(piece, span.start), end: start + offsetAt(piece, span.end) };
  };
  const say = (text: string): string =>
    text.includes(mark)
      ? text.replace(marks, (_, piece: string, start: string, from: string) => {
          const found = known.get(piece);
          const above = found === undefined ? 0 : found.line + lineIndexAt(found.piece.lines, Number(start));
          const where = `line ${String(above + 1)}`;
          const isSame = found === undefined || found.path === known.get(from)?.path;
          return isSame ? where : `${found.path}, ${where}`;
        })
      : text;
  const resolveDiagnostic = (diagnostic: Diagnostic): Diagnostic => ({
    ...diagnostic,
    span: resolve(diagnostic.span),
    message: say(diagnostic.message),
    label: say(diagnostic.label),
    related: diagnostic.related.map(({ span, label }) => ({ span: resolve(span), label: say(label) })),
    notes: diagnostic.notes.map(say),
    suggestion: diagnostic.suggestion && {
      message: say(diagnostic.suggestion.message),
      edits: diagnostic.suggestion.edits.map(({ span, text }) => ({ span: resolve(span), text })),
    },
  });
  return { resolve, resolveDiagnostic };
}

const marks = new RegExp(`${mark}([^${separator}]*)${separator}(\\d*)${separator}([^${mark}]*)${mark}`, "g");
