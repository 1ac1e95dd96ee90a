/**
 * What single tokens tell about the structure around them: which begin declarations
 * and items, which can begin or end an operand. Shared by the parts of the layout.
 */
import type { IToken, TokenType } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import {
  Block,
  columnOf,
  Const,
  Dot,
  endOf,
  Equals,
  False,
  GroupParen,
  Identifier,
  If,
  Import,
  Input,
  MemberNumber,
  Metric,
  Minimize,
  Net,
  Not,
  NumberToken,
  OpenBracket,
  OpenParen,
  RightBrace,
  RightBracket,
  RightParen,
  Sample,
  Step,
  StringToken,
  Train,
  True,
} from "../lexer/tokens.js";

/** What the layout works on. */
export interface LayoutContext {
  readonly file: string;
  /** What is written between two places. */
  readonly textBetween: (start: number, end: number) => string;
  readonly report: (diagnostic: Diagnostic) => void;
}

export const declarationWords: ReadonlyMap<string, TokenType> = new Map([
  ["import", Import],
  ["const", Const],
  ["block", Block],
  ["net", Net],
  ["train", Train],
]);

/** Words that begin an item where the grammar expects one. */
export const itemWords: ReadonlyMap<string, TokenType> = new Map([
  ["input", Input],
  ["sample", Sample],
  ["minimize", Minimize],
  ["step", Step],
  ["metric", Metric],
]);

const operandEnds = new Set<TokenType>([
  Identifier,
  MemberNumber,
  RightParen,
  RightBracket,
  RightBrace,
  True,
  False,
]);

const operandStarts = new Set<TokenType>([Identifier, True, False, If, Not]);

/** Whether an operand may end with this token, so that a name cannot follow it. */
export function endsOperand(token: IToken): boolean {
  return (
    operandEnds.has(token.tokenType) || tokenMatcher(token, NumberToken) || tokenMatcher(token, StringToken)
  );
}

/** Whether this token can only begin an operand (a minus could also continue one). */
export function startsOperand(token: IToken): boolean {
  return (
    operandStarts.has(token.tokenType) ||
    tokenMatcher(token, NumberToken) ||
    tokenMatcher(token, StringToken) ||
    tokenMatcher(token, OpenParen) ||
    tokenMatcher(token, OpenBracket)
  );
}

export function isFollowedByEquals(tokens: readonly IToken[], index: number): boolean {
  return tokens[index + 1]?.tokenType === Equals;
}

/** Whether a line end stands before the token at `index`. */
export function startsLine(tokens: readonly IToken[], index: number): boolean {
  if (index === 0) return true;
  const token = tokens[index]!;
  return tokens[index - 1]!.startOffset < token.startOffset - columnOf(token);
}

/**
 * Outside arguments these are no operands but begin an item, whatever stands before
 * them: `name =`, and `input`, `step`, ... followed by a name on the same line.
 */
export function certainlyStartsItem(tokens: readonly IToken[], index: number): boolean {
  if (tokens[index]!.tokenType !== Identifier || isMember(tokens, index)) return false;
  if (isFollowedByEquals(tokens, index)) return true;
  const next = tokens[index + 1];
  return (
    itemWords.has(tokens[index]!.image) && next?.tokenType === Identifier && !startsLine(tokens, index + 1)
  );
}

/** `self.name`, where the name touches its dot. */
function isMember(tokens: readonly IToken[], index: number): boolean {
  const previous = tokens[index - 1];
  return previous?.tokenType === Dot && endOf(previous) === tokens[index]!.startOffset;
}

/** `name =` or `(a, b) =`, with the partners of parentheses from `findClosers`. */
export function bindsNames(
  tokens: readonly IToken[],
  index: number,
  closers: ReadonlyMap<number, number>,
): boolean {
  const { tokenType } = tokens[index]!;
  if (tokenType === Identifier) return isFollowedByEquals(tokens, index);
  const closer = closers.get(index);
  return tokenType === GroupParen && closer !== undefined && isFollowedByEquals(tokens, closer);
}

/** From the index of each opening parenthesis to that of its partner, where it has one. */
export function findClosers(tokens: readonly IToken[]): ReadonlyMap<number, number> {
  const closers = new Map<number, number>();
  const open: number[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    if (tokenMatcher(token, OpenParen)) open.push(index);
    else if (token.tokenType === RightParen) {
      const opened = open.pop();
      if (opened !== undefined) closers.set(opened, index);
    }
  }
  return closers;
}
