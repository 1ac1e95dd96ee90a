/**
 * What a file may ask of the parser, checked before it runs, on tokens whose brackets
 * are balanced.
 *
 * After it: nesting and chains of operators are so short that every later stage may
 * recurse over the tree.
 */
import type { IToken } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { spanOf } from "../lexer/lexer.js";
import { countLines } from "../lexer/line-ends.js";
import {
  Arrow,
  BinaryOperator,
  CallParen,
  Comma,
  DeclarationEnd,
  Dot,
  Equals,
  If,
  IndexBracket,
  ItemStart,
  LeftBrace,
  Not,
  OpenBracket,
  OpenParen,
  RightBrace,
  RightBracket,
  RightParen,
  Then,
  Else,
} from "../lexer/tokens.js";

/** A million characters is a thousand times LeNet. */
export const maximumFileLength = 1_000_000;
/** Empty ones count: each has a place of its own while somebody types. */
export const maximumLines = 100_000;
/** About ten thousand lines. */
export const maximumTokens = 100_000;
/** Brackets and `if`s inside each other. */
export const maximumNesting = 200;
/** Operators, calls and members that stand in one expression without an arrow or a comma. */
export const maximumOperators = 1000;

export function fileTooLong(text: string, file: string): Diagnostic | null {
  if (text.length > maximumFileLength) return tooLong(text.length, maximumFileLength, "characters", file);
  const lines = countLines(text);
  return lines > maximumLines ? tooLong(lines, maximumLines, "lines", file) : null;
}

export function tooManyTokens(tokens: readonly IToken[], file: string): Diagnostic | null {
  return tokens.length > maximumTokens
    ? tooLong(tokens.length, maximumTokens, "words and signs", file)
    : null;
}

function tooLong(found: number, limit: number, unit: string, file: string): Diagnostic {
  const [has, may] = [found, limit].map((count) => count.toLocaleString("en"));
  return diagnostic("limit", { file, start: 0, end: 0 }, "the file is too long", {
    notes: [`It has ${has} ${unit}; the limit is ${may}.`],
    suggestion: { message: "Split it into several files that import each other.", edits: [] },
  });
}

/**
 * Finds the first place where the syntax tree might get deeper than the limits.
 * The bound is cautious: it counts what may nest, not what does.
 */
export function nestingTooDeep(tokens: readonly IToken[], file: string): Diagnostic | null {
  interface Frame {
    ifs: number;
    operators: number;
  }
  const frames: Frame[] = [{ ifs: 0, operators: 0 }];
  let nesting = 0;
  let operators = 0;
  const resetOperators = (frame: Frame): void => {
    operators -= frame.operators;
    frame.operators = 0;
  };
  const resetIfs = (frame: Frame): void => {
    nesting -= frame.ifs;
    frame.ifs = 0;
  };
  for (const token of tokens) {
    const type = token.tokenType;
    const frame = frames.at(-1)!;
    if (tokenMatcher(token, OpenParen) || tokenMatcher(token, OpenBracket) || type === LeftBrace) {
      // `f(a)(b)(c)` nests to the left, once per call.
      if (type === CallParen || type === IndexBracket) {
        frame.operators++;
        operators++;
      }
      nesting++;
      frames.push({ ifs: 0, operators: 0 });
    } else if (type === RightParen || type === RightBracket || type === RightBrace) {
      if (frames.length > 1) {
        frames.pop();
        nesting -= 1 + frame.ifs;
        operators -= frame.operators;
      }
    } else if (type === If) {
      frame.ifs++;
      nesting++;
    } else if (type === Comma || type === Equals || type === ItemStart || type === DeclarationEnd) {
      resetIfs(frame);
      resetOperators(frame);
    } else if (type === Arrow || type === Then || type === Else) {
      resetOperators(frame);
    } else if (type === Dot || type === Not || tokenMatcher(token, BinaryOperator)) {
      frame.operators++;
      operators++;
    }
    if (nesting > maximumNesting) return tooDeep(token, file);
    if (operators > maximumOperators) return tooManyOperators(token, file);
  }
  return null;
}

function tooDeep(token: IToken, file: string): Diagnostic {
  return diagnostic("limit", spanOf(token, file), "this is nested too deeply", {
    notes: [`Brackets and ifs may stand inside each other ${maximumNesting} deep.`],
    suggestion: { message: "Give the inner parts names, and use those.", edits: [] },
  });
}

function tooManyOperators(token: IToken, file: string): Diagnostic {
  return diagnostic("limit", spanOf(token, file), "this expression is too long", {
    notes: [`One expression may have ${maximumOperators.toLocaleString("en")} operators.`],
    suggestion: { message: "Give parts of it names, and use those.", edits: [] },
  });
}
