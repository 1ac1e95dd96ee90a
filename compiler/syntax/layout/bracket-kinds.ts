/** Which tokens open and close brackets, and which close which. */
import type { IToken, TokenType } from "chevrotain";
import {
  CallParen,
  GroupParen,
  IndexBracket,
  LeftBrace,
  ListBracket,
  RightBrace,
  RightBracket,
  RightParen,
} from "../lexer/tokens.js";

/** The bracket that closes this one, or null when the token opens nothing. */
export function closerFor(token: IToken): TokenType | null {
  switch (token.tokenType) {
    case LeftBrace:
      return RightBrace;
    case CallParen:
    case GroupParen:
      return RightParen;
    case IndexBracket:
    case ListBracket:
      return RightBracket;
    default:
      return null;
  }
}

export function closes(token: IToken): boolean {
  const type = token.tokenType;
  return type === RightBrace || type === RightParen || type === RightBracket;
}

export function opens(token: IToken): boolean {
  return closerFor(token) !== null;
}
