/** The tokens and comments of a file, as they were lexed to parse it. */
import type { IToken } from "chevrotain";
import { endOf } from "../../syntax/lexer/tokens.js";
import type { ParsedFile } from "./files.js";

export interface PlacedToken {
  readonly token: IToken;
  /** Offsets in the file. */
  readonly start: number;
  readonly end: number;
}

/** Line by line, the comment of a line behind its tokens: in the order of the text. */
export function tokensIn({ pieces }: ParsedFile): readonly PlacedToken[] {
  const found: PlacedToken[] = [];
  for (const { piece, start } of pieces) {
    for (const [index, line] of piece.lines.entries()) {
      const { tokens, comments } = line.lexed();
      // From places to offsets.
      const shift = start + piece.offsets[index]! - line.start;
      for (const list of [tokens, comments]) {
        for (const token of list) {
          found.push({ token, start: token.startOffset + shift, end: endOf(token) + shift });
        }
      }
    }
  }
  return found;
}

export function isComment({ image }: IToken): boolean {
  return image.startsWith("//");
}
