/**
 * A stretch of a file that is parsed by itself, and again as it changes.
 *
 * Invariant: spans inside it name it as their file, and count places in the slots of its lines. As long
 * as it keeps its id, what an edit does not touch stays the same tree at the same place.
 */
import { type Line, lineIndexAt, newLine } from "../../syntax/lexer/lines.js";
import { type ParsedLines, parseLines, refuseLongText } from "../../syntax/parse.js";
import { layOutAgain, layOutLines } from "./slots.js";
import { type SlottedText, textInSlots } from "./slotted-text.js";

export interface Piece extends SlottedText {
  /** What spans inside it give as their file. */
  readonly id: string;
  readonly written: string;
  /** Where in `written` each line begins. */
  readonly offsets: readonly number[];
  readonly parsed: ParsedLines;
}

export function newPiece(written: string, id: string): Piece {
  const parsed = refuseLongText(written, id);
  if (parsed === null) return pieceOf(written, id, layOutLines(written, id), null);
  return { id, written, text: written, lines: [newLine(0, written, "", id)], offsets: [0], parsed };
}

/** A piece after an edit; null when it has to begin anew. */
export function editedPiece(piece: Piece, written: string): Piece | null {
  const { id } = piece;
  const lines = refuseLongText(written, id) === null ? layOutAgain(written, id, piece.lines) : null;
  return lines === null ? null : pieceOf(written, id, lines, piece);
}

/** The place of an offset in `written`; inside a line end, the end of the line. */
export function placeAt({ lines, offsets }: Piece, offset: number): number {
  const index = offsets.findLastIndex((start) => start <= offset);
  const { start, text } = lines[index]!;
  return start + Math.min(offset - offsets[index]!, text.length);
}

/** The other way round; of places behind a line, its end. */
export function offsetAt({ lines, offsets }: Piece, place: number): number {
  const index = lineIndexAt(lines, place);
  const { start, text } = lines[index]!;
  return offsets[index]! + Math.min(Math.max(place - start, 0), text.length);
}

function pieceOf(written: string, id: string, lines: readonly Line[], last: Piece | null): Piece {
  const offsets: number[] = [];
  let offset = 0;
  for (const { text, lineEnd } of lines) {
    offsets.push(offset);
    offset += text.length + lineEnd.length;
  }
  const parsed = parseLines(lines, id, last?.parsed ?? null);
  return { id, written, text: textInSlots(lines, last), lines, offsets, parsed };
}
