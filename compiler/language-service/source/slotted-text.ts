/**
 * The text of lines that stand in slots.
 *
 * Invariant: every character stands at its place. Where no line is there are blanks, before line ends,
 * so that indentation and the number of lines are those of the text as it is written.
 */
import type { Line } from "../../syntax/lexer/lines.js";
import { sameEnds } from "./same-ends.js";

export interface SlottedText {
  readonly lines: readonly Line[];
  readonly text: string;
}

/** The text of lines; what is filled by lines that are also in `last` is taken from its text. */
export function textInSlots(lines: readonly Line[], last: SlottedText | null): string {
  const { head, tail } = sameEnds(last?.lines ?? [], lines, Object.is);
  // How far the slot of a line reaches is up to the next one.
  const [from, to] = [Math.max(0, head - 1), lines.length - tail];
  const above = from === 0 ? " ".repeat(lines[0]!.start) : last!.text.slice(0, lines[from]!.start);
  const changed = lines.slice(from, to).map((line, index) => slotOf(line, lines[from + index + 1]));
  const below = tail === 0 ? "" : last!.text.slice(lines[to]!.start);
  return above + changed.join("") + below;
}

function slotOf({ start, text, lineEnd }: Line, next: Line | undefined): string {
  return next === undefined ? text : text.padEnd(next.start - start - lineEnd.length) + lineEnd;
}
