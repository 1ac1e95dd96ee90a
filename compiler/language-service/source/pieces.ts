/**
 * Cuts a text into pieces that are parsed one by one, so that an edit touches one of them.
 *
 * A piece begins with a declaration at the left edge, and with the comments and blank lines
 * above it; what stands before the first one is a piece of its own. Parsing the pieces gives
 * the declarations and mistakes that parsing the whole text gives, because such a line begins
 * a declaration whatever stands above it.
 */

export interface Cut {
  readonly start: number;
  readonly text: string;
}

const declarationStart =
  /(?<![^\r\n])(?:(?:import|const|block|net|train)[ \t]+(?!(?:import|const|block|net|train|if|then|else|as|and|or|not|true|false)(?!\w))[A-Za-z_]|import[ \t]*\{)/g;

const commentOrBlank = /^[ \t\f\v\uFEFF\u00A0]*(?:\/\/[^\r\n]*)?$/;

/** The pieces of a text, in order and without gaps; at least one. */
export function cutIntoPieces(text: string): readonly Cut[] {
  const starts: number[] = [0];
  for (const { index } of text.matchAll(declarationStart)) {
    const start = startWithComments(text, index, starts.at(-1)!);
    if (start > 0) starts.push(start);
  }
  return starts.map((start, index) => ({ start, text: text.slice(start, starts[index + 1]) }));
}

/** The start of the comments and blank lines right above an offset at the left edge. */
function startWithComments(text: string, offset: number, after: number): number {
  let start = offset;
  while (start > after) {
    const end = text[start - 1] === "\n" && text[start - 2] === "\r" ? start - 2 : start - 1;
    let line = end;
    while (line > 0 && text[line - 1] !== "\n" && text[line - 1] !== "\r") line -= 1;
    if (line < after || !commentOrBlank.test(text.slice(line, end))) break;
    start = line;
  }
  return start;
}
