/**
 * One line of source text as a terminal shows it.
 *
 * After it: tabs are spaces, control characters are visible and harmless, and every
 * offset has a column in terminal cells, wide characters counting two.
 */

export interface DisplayedLine {
  readonly text: string;
  /** The cell at which the character at this offset of the line begins. */
  readonly cellAt: (offset: number) => number;
}

const tabWidth = 4;

/** `line` is the text of one line, without its end. */
export function displayLine(line: string): DisplayedLine {
  let text = "";
  let cell = 0;
  const cells: number[] = [];
  for (const character of line) {
    for (let unit = 0; unit < character.length; unit++) cells.push(cell);
    if (character === "\t") {
      const width = tabWidth - (cell % tabWidth);
      text += " ".repeat(width);
      cell += width;
    } else {
      text += harmless(character);
      cell += cellWidth(character);
    }
  }
  cells.push(cell);
  return { text, cellAt: (offset) => cells[Math.min(Math.max(offset, 0), cells.length - 1)]! };
}

/** Replaces control characters, which could drive the terminal, in text of a single line. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");
}

/** Cells that a text without tabs takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cellWidth(character);
  return width;
}

const zeroWidth = /^[\p{Mn}\p{Me}\u200B-\u200D\uFE00-\uFE0F\u{1F3FB}-\u{1F3FF}]$/u;
const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]$/u;

function cellWidth(character: string): number {
  if (character < "\u0300") return 1;
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
