/**
 * Statements of other languages, found where an item begins, so that each is one mistake: it
 * is reported here, and no item begins before its end.
 *
 * Invariant: only what no program of this language can contain is taken for one: two operands
 * in a row on a line, or an `if` with a colon at the end of its line.
 */
import type { IToken } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { quote } from "../../diagnostics/quote.js";
import { spanOf } from "../lexer/lexer.js";
import {
  Colon,
  columnOf,
  Else,
  Identifier,
  If,
  LeftBrace,
  NumberToken,
  RightBrace,
  Then,
} from "../lexer/tokens.js";
import { closes, opens } from "./bracket-kinds.js";
import { endsOperand, isFollowedByEquals, startsLine, startsOperand } from "./words.js";
import type { LayoutContext } from "./words.js";

const stack = "To stack copies of a layer, write repeat(n, layer) or repeat(i in 0..n, layer).";
const choice = "A choice is a value: y = if c then a else b.";
const noKeyword = "A binding needs no word before it: y = x -> relu";
const recipe = "A recipe is a declaration of its own: block Name(width): x[N, C, H, W] { ... }";
const ofTheRun = (option: string): string =>
  `A file does not say that: give it to the run, tulle train ... ${option}`;

/** Words that begin a statement elsewhere; the statement reaches to the end of its line or block. */
const statements: ReadonlyMap<string, string> = new Map([
  ["for", stack],
  ["while", stack],
  ["loop", stack],
  ["match", choice],
  ["switch", choice],
  ["def", recipe],
  ["fn", recipe],
  ["func", recipe],
  ["function", recipe],
  ["class", recipe],
]);

/** Words that would be right if they were left out. */
const needless: ReadonlyMap<string, string> = new Map([
  ["let", noKeyword],
  ["var", noKeyword],
  ["val", noKeyword],
  ["return", "A body ends with its result: leave the word out."],
]);

/** Words that rule the run, with a number behind them: `epochs 10`. */
const runOptions: ReadonlyMap<string, string> = new Map([
  ["for", ofTheRun("--epochs 10")],
  ["epochs", ofTheRun("--epochs 10")],
  ["epoch", ofTheRun("--epochs 10")],
  ["num_epochs", ofTheRun("--epochs 10")],
  ["batch", ofTheRun("--batch 32")],
  ["batch_size", ofTheRun("--batch 32")],
  ["seed", ofTheRun("--seed 1")],
]);

/** The index behind the foreign statement that begins here, which is reported; null where none does. */
export function endOfForeignStatement(
  tokens: readonly IToken[],
  index: number,
  context: LayoutContext,
): number | null {
  const token = tokens[index]!;
  if (token.tokenType === If) return endOfColonIf(tokens, index, context);
  const next = tokens[index + 1];
  if (token.tokenType !== Identifier || next === undefined || !startsOperand(next)) return null;
  if (startsLine(tokens, index + 1)) return null;
  const isOption = tokenMatcher(next, NumberToken) && runOptions.has(token.image);
  const word = needless.get(token.image);
  const advice = isOption ? runOptions.get(token.image) : (statements.get(token.image) ?? word);
  if (advice === undefined) return null;
  report(token, `there is no ${quote(token.image)} in this language`, advice, context);
  return word === undefined ? endOfStatement(tokens, index) : index + 1;
}

/** `if c:` with its branches on the lines below. */
function endOfColonIf(tokens: readonly IToken[], index: number, context: LayoutContext): number | null {
  const line = restOfLine(tokens, index);
  const isValue = line.some(({ tokenType }) => [Then, LeftBrace, RightBrace].includes(tokenType));
  const depth = line.filter(opens).length - line.filter(closes).length;
  if (isValue || depth > 0 || line.at(-1)?.tokenType !== Colon) return null;
  report(tokens[index]!, "an `if` is a value here, not a statement", choice, context);
  return endOfStatement(tokens, index);
}

/** Behind the braces, the indented lines, or the line of a statement, and its `else`. */
function endOfStatement(tokens: readonly IToken[], index: number): number {
  const indentation = columnOf(tokens[index]!);
  let depth = 0;
  let isIndented = false;
  for (let at = index; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (opens(token)) depth += 1;
    if (closes(token)) depth -= 1;
    if (depth < 0) return at;
    const next = tokens[at + 1];
    if (depth > 0 || next === undefined || next.tokenType === LeftBrace || continues(next)) continue;
    if (!startsLine(tokens, at + 1)) {
      if (token.tokenType === RightBrace) return at + 1;
      continue;
    }
    if (token.tokenType === Colon) isIndented = true;
    if (!isIndented || next.tokenType === RightBrace || columnOf(next) <= indentation) return at + 1;
  }
  return tokens.length;
}

/** `else`, and the words that stand for `else if`. */
function continues({ tokenType, image }: IToken): boolean {
  return tokenType === Else || (tokenType === Identifier && isElseIf(image));
}

/** `elif c`, which is written `else if c`. */
export function isElseIf(word: string): boolean {
  return word === "elif" || word === "elsif" || word === "elseif";
}

/** `a elif b`: an operand on either side, on one line. */
export function isElseIfAt(tokens: readonly IToken[], index: number): boolean {
  const token = tokens[index];
  if (token === undefined || !isElseIf(token.image)) return false;
  const [previous, next] = [tokens[index - 1], tokens[index + 1]];
  if (previous === undefined || next === undefined) return false;
  const isOnLine = !startsLine(tokens, index + 1);
  return isOnLine && endsOperand(previous) && startsOperand(next) && !isFollowedByEquals(tokens, index + 1);
}

/** `a if c else b` on one line: an `if` that begins no item. */
export function isConditionBehind(tokens: readonly IToken[], index: number): boolean {
  if (startsLine(tokens, index)) return false;
  const decisive = restOfLine(tokens, index).find(({ tokenType }) =>
    [Then, Else, LeftBrace, RightBrace].includes(tokenType),
  );
  return decisive?.tokenType === Else;
}

/** The tokens behind this one on its line; of a line without end, the nearest. */
function restOfLine(tokens: readonly IToken[], index: number): readonly IToken[] {
  let end = index + 1;
  while (end < tokens.length && end <= index + 100 && !startsLine(tokens, end)) end += 1;
  return tokens.slice(index + 1, end);
}

function report(token: IToken, message: string, advice: string, context: LayoutContext): void {
  context.report(
    diagnostic("syntax", spanOf(token, context.file), message, {
      suggestion: { message: advice, edits: [] },
    }),
  );
}
