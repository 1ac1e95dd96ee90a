/**
 * Balances the brackets of one declaration.
 *
 * After it: every bracket has its partner. What closes nothing is left out, what is
 * never closed gets its end where the next item begins, and both are reported.
 */
import type { IToken, TokenType } from "chevrotain";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { spanOf } from "../lexer/lexer.js";
import {
  Arrow,
  Block,
  Colon,
  columnOf,
  Comma,
  GroupParen,
  LeftBrace,
  markerBehind,
  RightBrace,
  RightBracket,
  RightParen,
} from "../lexer/tokens.js";
import { closerFor, closes } from "./bracket-kinds.js";
import { bindsNames, certainlyStartsItem, startsLine } from "./words.js";
import type { LayoutContext } from "./words.js";

interface Matching {
  readonly neverClosed: ReadonlySet<number>;
  readonly closesNothing: ReadonlySet<number>;
  /** From the index of a closing bracket to that of the one it closes. */
  readonly partners: ReadonlyMap<number, number>;
}

export function balanceBrackets(tokens: readonly IToken[], context: LayoutContext): readonly IToken[] {
  if (areBalanced(tokens)) return tokens;
  const matching = matchBrackets(tokens);
  const neverClosed = [...matching.neverClosed].sort((left, right) => left - right);
  for (const index of neverClosed) reportNeverClosed(tokens[index]!, context);
  for (const index of matching.closesNothing) reportClosesNothing(tokens[index]!, context);
  const closers = new Map([...matching.partners].map(([closer, opener]) => [opener, closer]));
  return emitBalanced(tokens, { ...matching, closers });
}

interface MatchingBothWays extends Matching {
  /** From the index of an opening bracket to that of the one that closes it. */
  readonly closers: ReadonlyMap<number, number>;
}

/** As nearly all are, so that the rest is seldom needed. */
function areBalanced(tokens: readonly IToken[]): boolean {
  const awaited: TokenType[] = [];
  for (const token of tokens) {
    const closer = closerFor(token);
    if (closer === RightBrace && awaited.length > 0 && awaited.at(-1) !== RightBrace) return false;
    if (closer !== null) awaited.push(closer);
    else if (closes(token) && awaited.pop() !== token.tokenType) return false;
  }
  return awaited.length === 0;
}

/** How many more braces are closed than opened. */
function countSurplusBraces(tokens: readonly IToken[]): number {
  let surplus = 0;
  for (const { tokenType } of tokens) {
    if (tokenType === RightBrace) surplus += 1;
    else if (tokenType === LeftBrace) surplus -= 1;
  }
  return Math.max(0, surplus);
}

interface Opened {
  readonly index: number;
  readonly closer: TokenType;
}

/** The `(` and `[` open between a brace (null: the declaration) and the next. */
interface Level {
  readonly brace: number | null;
  readonly open: Opened[];
  /** How many of `open` are parentheses. */
  parens: number;
}

/** `(` and `[` never reach across a brace. */
function matchBrackets(tokens: readonly IToken[]): Matching {
  const neverClosed = new Set<number>();
  const closesNothing = new Set<number>();
  const partners = new Map<number, number>();
  const levels: Level[] = [{ brace: null, open: [], parens: 0 }];
  let surplusBraces = countSurplusBraces(tokens);
  const lastOther = tokens.findLastIndex((token) => token.tokenType !== RightBrace);

  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    const level = levels.at(-1)!;
    const closer = closerFor(token);
    if (closer === RightBrace) {
      for (const opened of level.open.splice(0)) neverClosed.add(opened.index);
      level.parens = 0;
      levels.push({ brace: index, open: [], parens: 0 });
    } else if (closer !== null) {
      level.open.push({ index, closer });
      if (closer === RightParen) level.parens++;
    } else if (token.tokenType === RightBrace) {
      // With a brace too many, one that would end the declaration early is the stray one.
      const endsEarly = levels.length === 2 && surplusBraces > 0 && index < lastOther;
      if (level.brace === null || endsEarly) {
        closesNothing.add(index);
        surplusBraces--;
        continue;
      }
      for (const opened of level.open) neverClosed.add(opened.index);
      levels.pop();
      partners.set(index, level.brace);
    } else if (closes(token)) {
      matchInside(index, token.tokenType, level, { neverClosed, closesNothing, partners });
    }
  }
  for (const { brace, open } of levels) {
    for (const opened of open) neverClosed.add(opened.index);
    if (brace !== null) neverClosed.add(brace);
  }
  return { neverClosed, closesNothing, partners };
}

function matchInside(
  index: number,
  closer: TokenType,
  level: Level,
  found: { neverClosed: Set<number>; closesNothing: Set<number>; partners: Map<number, number> },
): void {
  const candidates = closer === RightParen ? level.parens : level.open.length - level.parens;
  if (candidates === 0) {
    found.closesNothing.add(index);
    return;
  }
  for (let opened = level.open.pop(); opened !== undefined; opened = level.open.pop()) {
    if (opened.closer === RightParen) level.parens--;
    if (opened.closer === closer) {
      found.partners.set(index, opened.index);
      return;
    }
    found.neverClosed.add(opened.index);
  }
}

interface Pending extends Opened {
  /** Of the line on which the bracket stands. */
  readonly indentation: number;
  readonly isInHeader: boolean;
}

function emitBalanced(tokens: readonly IToken[], matching: MatchingBothWays): IToken[] {
  const balanced: IToken[] = [];
  const open: Pending[] = [];
  let indentation = 0;
  let braces = 0;
  for (const [index, token] of tokens.entries()) {
    if (matching.closesNothing.has(index)) continue;
    if (startsLine(tokens, index)) indentation = columnOf(token);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (!matching.neverClosed.has(top.index) || top.closer === RightBrace) break;
      if (!endsBefore(tokens, index, indentation, top, matching)) break;
      balanced.push(markerBehind(top.closer, tokens[index - 1]!));
      open.pop();
    }
    const closer = closerFor(token);
    if (closer !== null) open.push({ index, closer, indentation, isInHeader: braces === 0 });
    else if (closes(token)) open.pop();
    if (token.tokenType === LeftBrace) braces++;
    if (token.tokenType === RightBrace) braces--;
    balanced.push(token);
  }
  const last = tokens.at(-1)!;
  for (const { closer } of open.reverse()) balanced.push(markerBehind(closer, last));
  return balanced;
}

/** Whether a `(` or `[` that is never closed was surely meant to end before this token. */
function endsBefore(
  tokens: readonly IToken[],
  index: number,
  indentation: number,
  bracket: Pending,
  matching: MatchingBothWays,
): boolean {
  const token = tokens[index]!;
  const previous = tokens[index - 1]!;
  if (token.tokenType === LeftBrace) return true;
  if (closes(token)) return matching.partners.get(index) !== bracket.index;
  if (bracket.isInHeader) {
    const isBracket = bracket.closer === RightBracket;
    if (isBracket && token.tokenType === Arrow) return true;
    if (!isBracket && token.tokenType === Colon && tokens[index + 1]?.tokenType !== Block) return true;
  }
  if (!startsLine(tokens, index)) return false;
  if (token.tokenType === GroupParen) return bindsNames(tokens, index, matching.closers);
  if (!certainlyStartsItem(tokens, index)) return false;
  // After a comma, `name =` could still be an argument: then it stands further to the right.
  const couldBeArgument = previous.tokenType === Comma || closerFor(previous) !== null;
  return !couldBeArgument || indentation <= bracket.indentation;
}

function reportNeverClosed(token: IToken, context: LayoutContext): void {
  const closer = token.image === "{" ? "}" : token.image === "(" ? ")" : "]";
  context.report(
    diagnostic("syntax", spanOf(token, context.file), `this \`${token.image}\` is never closed`, {
      suggestion: { message: `Add the \`${closer}\` where it ends.`, edits: [] },
    }),
  );
}

function reportClosesNothing(token: IToken, context: LayoutContext): void {
  const span = spanOf(token, context.file);
  context.report(
    diagnostic("syntax", span, `this \`${token.image}\` closes nothing`, {
      suggestion: { message: "Remove it.", edits: [{ span, text: "" }] },
    }),
  );
}
