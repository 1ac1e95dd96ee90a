/**
 * What the parser knows when it stops, and what a person is told about it.
 */
import type { IToken, TokenType } from "chevrotain";

export interface Problem {
  /** The grammar rule in which the parser stopped. */
  readonly rule: string;
  /** The token that had to stand here; null when several could have. */
  readonly expected: TokenType | null;
  readonly actual: IToken;
  /** The token before it. */
  readonly previous: IToken | undefined;
}

export interface Explanation {
  /** One line, lower case, no full stop. */
  readonly message: string;
  /** What to do, in full sentences; empty for none. */
  readonly advice: string;
  /** Which of the two tokens is to blame. */
  readonly blame: "actual" | "previous";
}

/** Something had to follow the previous token. */
export function absent(message: string, advice: string): Explanation {
  return { message, advice, blame: "previous" };
}

/** The token itself cannot stand where it does. */
export function misplaced(message: string, advice: string): Explanation {
  return { message, advice, blame: "actual" };
}

/** Whether a token was written by the user, not put in by layout or the end of the file. */
export function isWritten(token: IToken): boolean {
  return token.image !== "";
}
