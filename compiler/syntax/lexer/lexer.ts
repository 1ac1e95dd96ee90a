/**
 * Text -> tokens and comments.
 *
 * After it: every character belongs to a token, a comment or white space; the lexer
 * itself never fails, because what means nothing becomes an `Unknown` token.
 */
import { Lexer } from "chevrotain";
import type { IToken } from "chevrotain";
import type { Span } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { invariant } from "../../diagnostics/invariant.js";
import { lazily } from "./lazily.js";
import {
  ClosedString,
  endOf,
  HashComment,
  MalformedNumber,
  retagged,
  SingleQuotedString,
  tokenTypes,
  UnclosedString,
} from "./tokens.js";

export interface LexedText {
  readonly tokens: readonly IToken[];
  /** `//` and `///` alike, in source order. */
  readonly comments: readonly IToken[];
  readonly diagnostics: readonly Diagnostic[];
}

const netLexer = lazily(() => new Lexer(tokenTypes, { positionTracking: "full", skipValidations: true }));

export function lex(text: string, file: string): LexedText {
  const { tokens, groups, errors } = netLexer().tokenize(text);
  invariant(errors.length === 0, `the lexer failed: ${errors[0]?.message}`);
  const diagnostics: Diagnostic[] = [];
  for (const token of tokens) {
    if (token.tokenType === MalformedNumber) diagnostics.push(malformedNumber(token, file));
    if (token.tokenType === UnclosedString) diagnostics.push(unclosedString(token, file));
    if (token.tokenType === SingleQuotedString) diagnostics.push(singleQuoted(token, file));
    if (token.tokenType === HashComment) diagnostics.push(hashComment(token, file));
  }
  const read = tokens
    .filter(({ tokenType }) => tokenType !== HashComment)
    .map((token) => (token.tokenType === SingleQuotedString ? retagged(token, ClosedString) : token));
  return { tokens: read, comments: groups["comments"] ?? [], diagnostics };
}

export function spanOf(token: IToken, file: string): Span {
  return { file, start: token.startOffset, end: endOf(token) };
}

/** Whether a line end stands between two tokens that follow each other. */
export function lineEndsBetween(text: string, left: IToken, right: IToken): boolean {
  return /[\r\n]/.test(text.slice(endOf(left), right.startOffset));
}

function malformedNumber(token: IToken, file: string): Diagnostic {
  const digits = /^\d+(?:\.\d+)?/.exec(token.image)?.[0] ?? "";
  const rest = token.image.slice(digits.length);
  return diagnostic("syntax", spanOf(token, file), "a number must not touch a name", {
    suggestion: {
      message: `Write a product as ${digits} * ${rest}; a name begins with a letter.`,
      edits: [],
    },
  });
}

function unclosedString(token: IToken, file: string): Diagnostic {
  return diagnostic("syntax", spanOf(token, file), "this string is never closed", {
    suggestion: {
      message: 'A string ends with " on the line it began.',
      edits: [{ span: { file, start: endOf(token), end: endOf(token) }, text: '"' }],
    },
  });
}

function singleQuoted(token: IToken, file: string): Diagnostic {
  const span = spanOf(token, file);
  const text = `"${token.image.slice(1, -1)}"`;
  return diagnostic("syntax", span, "a string stands between double quotes", {
    suggestion: { message: `Write ${text}.`, edits: [{ span, text }] },
  });
}

function hashComment(token: IToken, file: string): Diagnostic {
  const span = { file, start: token.startOffset, end: token.startOffset + 1 };
  return diagnostic("syntax", span, "`#` cannot stand here", {
    suggestion: { message: "A comment begins with `//`.", edits: [{ span, text: "//" }] },
  });
}
