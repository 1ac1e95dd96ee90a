/**
 * The marks under one line of source, with their labels:
 *
 *     main + skip -> relu
 *     ---- ^ ---- [N, 64, 56, 56]
 *     |
 *     [N, 128, 28, 28]
 *
 * The last mark's label stands beside it; the others hang below, from right to left.
 */
import { textWidth } from "./display.js";

export interface Mark {
  /** In cells, half open; at least one cell wide. */
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly isPrimary: boolean;
}

/** Colours a piece of the drawing; the identity where there are no colours. */
export type Paint = (text: string, isPrimary: boolean) => string;

/** The lines to write below the source line. */
export function drawMarks(marks: readonly Mark[], paint: Paint): string[] {
  const sorted = [...marks].sort((left, right) => left.start - right.start || right.end - left.end);
  const lines = [drawUnderlines(sorted, paint)];
  let hanging = sorted.filter((mark, index) => mark.label !== "" && !isBeside(sorted, index));
  if (hanging.length > 0) lines.push(drawBars(hanging, paint));
  while (hanging.length > 0) {
    const rightmost = hanging.at(-1)!;
    hanging = hanging.slice(0, -1);
    const bars = hanging.filter((mark) => mark.start < rightmost.start);
    lines.push(drawBars(bars, paint, rightmost));
  }
  return lines;
}

/** Whether the label of a mark has the rest of the line for itself. */
function isBeside(sorted: readonly Mark[], index: number): boolean {
  const mark = sorted[index]!;
  const isLast = index === sorted.length - 1;
  return isLast && sorted.every((other) => other === mark || other.end <= mark.end);
}

function drawUnderlines(sorted: readonly Mark[], paint: Paint): string {
  const width = Math.max(...sorted.map((mark) => mark.end));
  // The primary mark is seen even where another one covers it.
  const owners = new Array<Mark | null>(width).fill(null);
  for (const mark of [...sorted].sort((left, right) => Number(left.isPrimary) - Number(right.isPrimary))) {
    owners.fill(mark, mark.start, mark.end);
  }
  let line = "";
  let position = 0;
  while (position < width) {
    const owner = owners[position]!;
    let end = position + 1;
    while (end < width && owners[end] === owner) end++;
    const length = end - position;
    line +=
      owner === null
        ? " ".repeat(length)
        : paint((owner.isPrimary ? "^" : "-").repeat(length), owner.isPrimary);
    position = end;
  }
  const last = sorted.at(-1)!;
  if (last.label === "" || !isBeside(sorted, sorted.length - 1)) return line;
  return `${line} ${paint(last.label, last.isPrimary)}`;
}

/** A row of `|` under the marks, and the label of one of them. */
function drawBars(bars: readonly Mark[], paint: Paint, labelled?: Mark): string {
  let line = "";
  let position = 0;
  for (const mark of bars) {
    if (mark.start < position) continue;
    line += " ".repeat(mark.start - position) + paint("|", mark.isPrimary);
    position = mark.start + textWidth("|");
  }
  if (labelled === undefined) return line;
  return line + " ".repeat(labelled.start - position) + paint(labelled.label, labelled.isPrimary);
}
