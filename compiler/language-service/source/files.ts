/**
 * Parsed files, of which everything that an edit does not touch is the very same tree as before.
 *
 * Invariant: spans in the trees name a piece as their file and count places in it, so they stay
 * right wherever the piece moves. `places.ts` finds them in the file again.
 */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { SourceFile } from "../../syntax/ast.js";
import { maximumTokens } from "../../syntax/layout/limits.js";
import { type Piece, editedPiece, newPiece } from "./piece.js";
import { cutIntoPieces } from "./pieces.js";

export interface PlacedPiece {
  readonly piece: Piece;
  readonly start: number;
  /** The line it begins at, from 0. */
  readonly line: number;
}

export interface ParsedFile {
  readonly path: string;
  readonly text: string;
  readonly pieces: readonly PlacedPiece[];
  readonly source: SourceFile;
  readonly diagnostics: readonly Diagnostic[];
}

export interface FileParser {
  readonly parse: (text: string) => ParsedFile;
}

/** Parses one file again and again as it changes. */
export function createFileParser(path: string): FileParser {
  let last: ParsedFile | null = null;
  let ids = 0;
  const nextId = (): string => {
    ids += 1;
    return `${path}\u0000${String(ids)}`;
  };
  /** A piece that was `before`, or a new one. */
  const pieceAfter = (before: Piece | undefined, written: string): Piece =>
    (before === undefined ? null : editedPiece(before, written)) ?? newPiece(written, nextId());

  /** Each text as the piece that is known, or else as the next of those that are gone. */
  const piecesOf = (texts: readonly string[]): readonly Piece[] => {
    const before = (last?.pieces ?? []).map(({ piece }) => piece);
    const same = unchanged(before, texts);
    const kept = new Set(same);
    const gone = before.filter((piece) => !kept.has(piece)).values();
    return texts.map((text, index) => same[index] ?? pieceAfter(gone.next().value, text));
  };

  return {
    parse: (text) => {
      if (last?.text === text) return last;
      // No token is shorter than a character: up to here the limits on the whole file cannot be reached.
      const texts = text.length > maximumTokens ? [text] : cutIntoPieces(text).map((cut) => cut.text);
      const parsed = place(path, text, piecesOf(texts));
      // What is refused is refused whole.
      const isRefused = texts.length > 1 && parsed.diagnostics.some(({ code }) => code === "limit");
      last = isRefused ? place(path, text, piecesOf([text])) : parsed;
      return last;
    },
  };
}

/** For each text a piece of its own that says the same, where there is one. */
function unchanged(pieces: readonly Piece[], texts: readonly string[]): readonly (Piece | undefined)[] {
  const known = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const same = known.get(piece.written);
    if (same === undefined) known.set(piece.written, [piece]);
    else same.push(piece);
  }
  return texts.map((text) => known.get(text)?.shift());
}

function place(path: string, text: string, pieces: readonly Piece[]): ParsedFile {
  const placed: PlacedPiece[] = [];
  let start = 0;
  let line = 0;
  for (const piece of pieces) {
    placed.push({ piece, start, line });
    start += piece.written.length;
    line += piece.lines.length - 1;
  }
  const source: SourceFile = {
    span: { file: path, start: 0, end: text.length },
    declarations: pieces.flatMap(({ parsed }) => parsed.source.declarations),
    comments: pieces.flatMap(({ parsed }) => parsed.source.comments),
  };
  return {
    path,
    text,
    pieces: placed,
    source,
    diagnostics: pieces.flatMap(({ parsed }) => parsed.diagnostics),
  };
}
