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
  const { tokens, comments, divisions } = tokenize(text);
  const diagnostics = divisions.map((division) => divisionSign(file, division));
  for (const token of tokens) {
    if (token.tokenType === MalformedNumber) diagnostics.push(malformedNumber(token, file));
    if (token.tokenType === UnclosedString) diagnostics.push(unclosedString(token, file));
    if (token.tokenType === SingleQuotedString) diagnostics.push(singleQuoted(token, file));
    if (token.tokenType === HashComment) diagnostics.push(hashComment(token, file));
  }
  const read = tokens
    .filter(({ tokenType }) => tokenType !== HashComment)
    .map((token) => (token.tokenType === SingleQuotedString ? retagged(token, ClosedString) : token));
  return { tokens: read, comments, diagnostics };
}

interface Tokens {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly divisions: readonly Division[];
}

/** Where `//` divides as in Python, `/` is read. */
function tokenize(text: string): Tokens {
  const { tokens, groups, errors } = netLexer().tokenize(text);
  invariant(errors.length === 0, `the lexer failed: ${errors[0]?.message}`);
  const comments = groups["comments"] ?? [];
  const divisions = comments.flatMap((comment) => floorDivision(text, comment) ?? []);
  if (divisions.length === 0) return { tokens, comments, divisions };
  // Of the same length, so that every place stays what it is.
  const pieces = divisions.map(({ sign }, index) => text.slice(divisions[index - 1]?.sign ?? 0, sign));
  const last = text.slice(divisions.at(-1)!.sign);
  const repaired = [...pieces, last].map((piece, index) => (index === 0 ? piece : `/ ${piece.slice(2)}`));
  const again = netLexer().tokenize(repaired.join(""));
  return { tokens: again.tokens, comments: again.groups["comments"] ?? [], divisions };
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

interface Division {
  /** Where the dividend and the sign stand. */
  readonly start: number;
  readonly sign: number;
}

/**
 * `32 // 2`, as Python divides: behind an operand that a call or a binding has just begun, or with the
 * rest of a call behind it that began on the same line. Null for a comment.
 */
function floorDivision(text: string, { image, startOffset: sign }: IToken): Division | null {
  const divisor = /^\/\/\s*\d+(?:\.\d+)?\s*(?<rest>[-+*,)\]].*)?$/.exec(image);
  if (divisor === null) return null;
  const line = text.slice(text.lastIndexOf("\n", sign - 1) + 1, sign);
  const isAlone = divisor.groups?.["rest"] === undefined;
  const isInCall = line.split(/[([]/).length > line.split(/[)\]]/).length;
  // Of a long line only the end: nobody divides by so much.
  const dividend = (isAlone ? /(?<=[=(,]\s*)[\w.]+\s*$/ : /[\w.)]+\s*$/).exec(line.slice(-100))?.[0];
  if (dividend === undefined || !(isAlone || isInCall)) return null;
  return { start: sign - dividend.length, sign };
}

function divisionSign(file: string, { start, sign }: Division): Diagnostic {
  const span = { file, start, end: sign + 2 };
  return diagnostic("syntax", span, "`//` begins a comment, and this looks like a division", {
    suggestion: {
      message: "Write `/`: between whole numbers it rounds down.",
      edits: [{ span: { ...span, start: sign }, text: "/" }],
    },
  });
}

function hashComment(token: IToken, file: string): Diagnostic {
  const span = { file, start: token.startOffset, end: token.startOffset + 1 };
  return diagnostic("syntax", span, "`#` cannot stand here", {
    suggestion: { message: "A comment begins with `//`.", edits: [{ span, text: "//" }] },
  });
}
