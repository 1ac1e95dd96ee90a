/**
 * Parsed files, whose unchanged pieces are the very same trees as before.
 *
 * Invariant: spans in the trees name a piece as their file and count from its start, so they
 * stay right wherever the piece moves. `places.ts` finds them in the file again.
 */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Declaration, SourceFile } from "../../syntax/ast.js";
import { maximumTokens } from "../../syntax/layout/limits.js";
import { type ParseResult, parse } from "../../syntax/parse.js";
import { cutIntoPieces } from "./pieces.js";

/** A stretch of a file that is parsed by itself. */
export interface Piece {
  /** What spans inside it give as their file. */
  readonly id: string;
  readonly text: string;
  readonly parsed: ParseResult;
  readonly lineCount: number;
}

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
  let nextId = 0;

  const newPiece = (text: string): Piece => {
    nextId += 1;
    const id = `${path}\u0000${String(nextId)}`;
    return { id, text, parsed: parse(text, id), lineCount: countLineEnds(text) };
  };

  const parseWhole = (text: string): ParsedFile => place([newPiece(text)]);

  const place = (pieces: readonly Piece[]): ParsedFile => {
    const placed: PlacedPiece[] = [];
    let start = 0;
    let line = 0;
    for (const piece of pieces) {
      placed.push({ piece, start, line });
      start += piece.text.length;
      line += piece.lineCount;
    }
    const text = pieces.map((piece) => piece.text).join("");
    const declarations: Declaration[] = pieces.flatMap(({ parsed }) => parsed.source.declarations);
    const comments = pieces.flatMap(({ parsed }) => parsed.source.comments);
    const source: SourceFile = { span: { file: path, start: 0, end: text.length }, declarations, comments };
    return {
      path,
      text,
      pieces: placed,
      source,
      diagnostics: pieces.flatMap(({ parsed }) => parsed.diagnostics),
    };
  };

  return {
    parse: (text) => {
      if (last?.text === text) return last;
      // No token is shorter than a character: up to here the limits on the whole file cannot be reached.
      if (text.length > maximumTokens) {
        last = parseWhole(text);
        return last;
      }
      const known = new Map<string, Piece[]>();
      for (const { piece } of last?.pieces ?? []) {
        const same = known.get(piece.text);
        if (same === undefined) known.set(piece.text, [piece]);
        else same.push(piece);
      }
      const pieces = cutIntoPieces(text).map((cut) => known.get(cut.text)?.shift() ?? newPiece(cut.text));
      last = place(pieces);
      // What is refused is refused whole.
      if (pieces.length > 1 && last.diagnostics.some(({ code }) => code === "limit")) last = parseWhole(text);
      return last;
    },
  };
}

function countLineEnds(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
