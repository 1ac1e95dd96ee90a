/**
 * Gives every line of a text a slot that is longer than the line, so that a line can grow, and others
 * come in, without moving those around it.
 *
 * Invariant: after an edit, the lines that it does not touch are the very same objects, except for a few
 * below it that gave way.
 */
import { type CutLine, cutAtLineEnds } from "../../syntax/lexer/line-ends.js";
import { type Line, endOfLines, newLine } from "../../syntax/lexer/lines.js";
import { type SameEnds, sameEnds } from "./same-ends.js";

/** Places before a line, at first. */
const usualRoom = 160;
/** Places before lines that come in between others; where there are fewer, those below give way. */
const leastRoom = 32;
/** All that the lines of one text are given together: those of a long text stand closer. */
const mostRoom = 1_000_000;
/** How many times longer than at first the slots may get before all are laid out anew. */
const mostGrowth = 4;

/** `file` is what spans name. */
export function layOutLines(text: string, file: string): readonly Line[] {
  const cuts = cutAtLineEnds(text);
  return inSlots(cuts, 0, roomFor(cuts), file);
}

/** The lines of a text after an edit; null when they would stand too far apart. */
export function layOutAgain(text: string, file: string, before: readonly Line[]): readonly Line[] | null {
  const cuts = cutAtLineEnds(text);
  const edit = { before, after: cuts, ...sameEnds(before, cuts, isSame) };
  const lines = inTheirSlots(edit, file) ?? inRoomBetween(edit, file);
  const usualEnd = text.length + cuts.length * roomFor(cuts);
  return endOfLines(lines) > mostGrowth * usualEnd ? null : lines;
}

interface LineEdit extends SameEnds {
  readonly before: readonly Line[];
  readonly after: readonly CutLine[];
}

/** As many lines as before, each where it was; null when one does not fit there. */
function inTheirSlots({ before, after, head, tail }: LineEdit, file: string): readonly Line[] | null {
  if (after.length !== before.length) return null;
  const lines = [...before];
  for (let index = head; index < after.length - tail; index += 1) {
    const line = before[index]!;
    const cut = after[index]!;
    const next = before[index + 1];
    if (next !== undefined && line.start + lengthOf(cut) > next.start) return null;
    if (!isSame(line, cut)) lines[index] = lineAt(line.start, cut, file);
  }
  return lines;
}

/** Changed lines between those above and below; of these, as many are moved as it takes to have room. */
function inRoomBetween({ before, after, head, tail }: LineEdit, file: string): readonly Line[] {
  const above = before.slice(0, head);
  const last = above.at(-1);
  const start = last === undefined ? 0 : last.start + lengthOf(last);
  for (let moved = 0; ; moved = 2 * moved + 1) {
    const below = moved < tail ? before.slice(before.length - tail + moved) : [];
    const changed = after.slice(head, after.length - below.length);
    const [next] = below;
    const room = next === undefined ? roomFor(after) : roomIn(next.start - start, changed);
    if (next === undefined || changed.length === 0 || room >= leastRoom) {
      return [...above, ...inSlots(changed, start, room, file), ...below];
    }
  }
}

/** The room before each line when they stand evenly in so many places. */
function roomIn(places: number, lines: readonly CutLine[]): number {
  const taken = lines.reduce((sum, line) => sum + lengthOf(line), 0);
  return Math.floor((places - taken) / (lines.length + 1));
}

function roomFor(lines: readonly CutLine[]): number {
  return Math.min(usualRoom, Math.floor(mostRoom / lines.length));
}

/** Lines one below the other, with so much room before each. */
function inSlots(cuts: readonly CutLine[], start: number, room: number, file: string): readonly Line[] {
  let end = start;
  return cuts.map((cut) => {
    const line = lineAt(end + room, cut, file);
    end = line.start + lengthOf(line);
    return line;
  });
}

/** A line outlives the text it is cut from, and a part of a string keeps the whole: so it has a copy. */
function lineAt(start: number, { text, lineEnd }: CutLine, file: string): Line {
  return newLine(start, ` ${text}`.slice(1), lineEnd, file);
}

function isSame(left: CutLine, right: CutLine): boolean {
  return left.text === right.text && left.lineEnd === right.lineEnd;
}

function lengthOf({ text, lineEnd }: CutLine): number {
  return text.length + lineEnd.length;
}
