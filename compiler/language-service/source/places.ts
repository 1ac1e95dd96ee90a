/**
 * From spans inside pieces to places in files.
 *
 * A message that mentions a line of a piece, which may move, is kept with a mark in its place;
 * the mark becomes a line number when the message is shown.
 */
import type { Diagnostic, Span } from "../../diagnostics/diagnostic.js";
import type { ParsedFile, PlacedPiece } from "./files.js";

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

/** What a message says until lines are known. */
export function markPlace(text: (piece: string) => string | undefined): (span: Span, from: Span) => string {
  return (span, from) => {
    const before = text(span.file)?.slice(0, span.start) ?? "";
    const line = before.match(/\r\n|\n|\r/g)?.length ?? 0;
    return [mark, span.file, separator, String(line), separator, from.file, mark].join("");
  };
}

export function createPlaces(files: Iterable<ParsedFile>): Places {
  const known = new Map<string, Known>();
  for (const { path, pieces } of files) {
    for (const placed of pieces) known.set(placed.piece.id, { ...placed, path });
  }
  const resolve = (span: Span): Span => {
    const place = known.get(span.file);
    if (place === undefined) return span;
    return { file: place.path, start: place.start + span.start, end: place.start + span.end };
  };
  const say = (text: string): string =>
    text.includes(mark)
      ? text.replace(marks, (_, piece: string, line: string, from: string) => {
          const place = known.get(piece);
          const where = `line ${String((place?.line ?? 0) + Number(line) + 1)}`;
          const isSame = place === undefined || place.path === known.get(from)?.path;
          return isSame ? where : `${place.path}, ${where}`;
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
