/**
 * Cuts the tokens of a declaration into what is parsed by itself: its frame and its items.
 *
 * Before: a declaration as it is laid out. After: the frame has an empty body, every item has its
 * markers around it, and all tokens are in one of them.
 */
import type { IToken, TokenType } from "chevrotain";
import { Block, endOf, ItemEnd, ItemStart, LeftBrace, Net, RightBrace, Train } from "../lexer/tokens.js";

export interface Stretch {
  readonly tokens: readonly IToken[];
  /** From its first token to here stands what it says; an empty body may end behind it. */
  readonly end: number;
}

export interface CutDeclaration {
  readonly frame: Stretch;
  readonly items: readonly Stretch[];
}

const withBody = new Set<TokenType>([Block, Net, Train]);

/** null for a declaration without a body. */
export function cutAtItems(declaration: readonly IToken[]): CutDeclaration | null {
  if (!withBody.has(declaration[0]!.tokenType)) return null;
  const open = declaration.findIndex(({ tokenType }) => tokenType === LeftBrace);
  if (open < 0) return null;
  const items: Stretch[] = [];
  let depth = 0;
  let start = open + 1;
  for (let index = open + 1; index < declaration.length; index += 1) {
    const type = declaration[index]!.tokenType;
    if (type === ItemStart && depth === 0) start = index;
    if (type === LeftBrace) depth += 1;
    if (type === RightBrace) depth -= 1;
    if (type === ItemEnd && depth === 0) items.push(whole(declaration.slice(start, index + 1)));
    if (depth < 0) {
      const header = declaration.slice(0, open + 1);
      const frame = { tokens: [...header, ...declaration.slice(index)], end: endOf(header.at(-1)!) };
      return { frame, items };
    }
  }
  return null;
}

export function whole(tokens: readonly IToken[]): Stretch {
  return { tokens, end: endOf(tokens.at(-1)!) };
}
