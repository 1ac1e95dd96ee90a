/** Where the lines of a text end: behind `\r\n`, `\n` or `\r`. */

export interface CutLine {
  readonly start: number;
  /** Without the line end. */
  readonly text: string;
  /** Empty for the last line alone. */
  readonly lineEnd: string;
}

/** How many lines a text has, without cutting it. */
export function countLines(text: string): number {
  let count = 1;
  for (let index = 0; index < text.length; index += 1) {
    const isEnd = text[index] === "\n" || (text[index] === "\r" && text[index + 1] !== "\n");
    if (isEnd) count += 1;
  }
  return count;
}

/** The lines of a text, in order and without gaps; at least one. */
export function cutAtLineEnds(text: string): readonly CutLine[] {
  // Every other part is a line end.
  const parts = text.split(/(\r\n|\n|\r)/);
  const lines: CutLine[] = [];
  let start = 0;
  for (let index = 0; index < parts.length; index += 2) {
    const line = { start, text: parts[index]!, lineEnd: parts[index + 1] ?? "" };
    lines.push(line);
    start += line.text.length + line.lineEnd.length;
  }
  return lines;
}
