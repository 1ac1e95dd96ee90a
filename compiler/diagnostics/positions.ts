/**
 * From offsets to what people read: lines and columns.
 *
 * Lines end at `\n`, `\r\n` or `\r`. Lines and columns count from 1, columns in
 * characters (Unicode code points), as editors show them.
 */

/** The text of a file, or null when it is not known. */
export type Sources = (file: string) => string | null;

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface LineMap {
  readonly lineCount: number;
  /** The place of an offset; offsets outside the text are moved to its nearest end. */
  readonly positionAt: (offset: number) => Position;
  /** Where a line (from 1) starts, and where its text ends, without the line end. */
  readonly rangeOf: (line: number) => { readonly start: number; readonly end: number };
}

export function createLineMap(text: string): LineMap {
  const starts = [0];
  const ends: number[] = [];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    ends.push(match.index);
    starts.push(match.index + match[0].length);
  }
  ends.push(text.length);

  const rangeOf = (line: number): { start: number; end: number } => {
    const index = Math.min(Math.max(line, 1), starts.length) - 1;
    return { start: starts[index]!, end: ends[index]! };
  };

  const lineAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };

  const positionAt = (offset: number): Position => {
    const inside = Math.min(Math.max(offset, 0), text.length);
    const line = lineAt(inside);
    const { start, end } = rangeOf(line);
    return { line, column: countCharacters(text.slice(start, Math.min(inside, end))) + 1 };
  };

  return { lineCount: starts.length, positionAt, rangeOf };
}

/** Surrogate pairs count once. */
function countCharacters(text: string): number {
  return text.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, "_").length;
}
