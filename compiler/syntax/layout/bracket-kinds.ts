/** Which tokens open and close brackets, and which close which. */
import { type IToken, tokenMatcher, type TokenType } from "chevrotain";
import { LeftBrace, OpenBracket, OpenParen, RightBrace, RightBracket, RightParen } from "../lexer/tokens.js";

/** The bracket that closes this one, or null when the token opens nothing. */
export function closerFor(token: IToken): TokenType | null {
  if (token.tokenType === LeftBrace) return RightBrace;
  if (tokenMatcher(token, OpenParen)) return RightParen;
  if (tokenMatcher(token, OpenBracket)) return RightBracket;
  return null;
}

export function closes(token: IToken): boolean {
  const type = token.tokenType;
  return type === RightBrace || type === RightParen || type === RightBracket;
}

export function opens(token: IToken): boolean {
  return closerFor(token) !== null;
}
