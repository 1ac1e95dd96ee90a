/**
 * A text as lines that stand at places of their own.
 *
 * Spans count places, not offsets. Invariant: places grow from line to line, and between the start of
 * a line and that of the next there is room for the line and its end, or more than that. Where there
 * is no more, places are offsets in the text.
 */
import type { LexedText } from "./lexer.js";
import { lexLine } from "./lexer.js";
import { type CutLine, cutAtLineEnds } from "./line-ends.js";

/** `start` is the place of its first character. Lexed once, when it is first asked for. */
export interface Line extends CutLine {
  readonly lexed: () => LexedText;
}

/** `file` is what spans in it name. */
export function newLine(start: number, text: string, lineEnd: string, file: string): Line {
  let known: LexedText | null = null;
  const lexed = (): LexedText => (known ??= lexLine(text, start, file));
  return { start, text, lineEnd, lexed };
}

/** Lines whose places are offsets in the text. */
export function plainLines(text: string, file: string): readonly Line[] {
  return cutAtLineEnds(text).map((line) => newLine(line.start, line.text, line.lineEnd, file));
}

/** The place behind the last character. */
export function endOfLines(lines: readonly Line[]): number {
  const last = lines.at(-1);
  return last === undefined ? 0 : last.start + last.text.length;
}

/** The index of the line at a place; what lies behind the end of a line belongs to it. */
export function lineIndexAt(lines: readonly Line[], place: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]!.start <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What is written between two places. */
export function textBetween(lines: readonly Line[], start: number, end: number): string {
  const [first, last] = [lineIndexAt(lines, start), lineIndexAt(lines, end)];
  return lines
    .slice(first, last + 1)
    .map((line, index) => {
      const from = index === 0 ? start - line.start : 0;
      return first + index === last
        ? line.text.slice(from, end - line.start)
        : line.text.slice(from) + line.lineEnd;
    })
    .join("");
}
