/**
 * Text -> tokens and comments, line by line: no token crosses the end of a line.
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
import { cutAtLineEnds } from "./line-ends.js";
import {
  ClosedString,
  endOf,
  HashComment,
  MalformedNumber,
  moveTo,
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

const netLexer = lazily(
  () => new Lexer(tokenTypes, { positionTracking: "onlyOffset", skipValidations: true }),
);

export function lex(text: string, file: string): LexedText {
  return joined(cutAtLineEnds(text).map((line) => lexLine(line.text, line.start, file)));
}

/** What was lexed of lines that follow each other. */
export function joined(lines: readonly LexedText[]): LexedText {
  // Of a length that is known: these are thousands, for every letter that is typed.
  const tokens = new Array<IToken>(lines.reduce((sum, line) => sum + line.tokens.length, 0));
  let count = 0;
  for (const line of lines) {
    for (const token of line.tokens) {
      tokens[count] = token;
      count += 1;
    }
  }
  const comments = lines.flatMap((line) => line.comments);
  return { tokens, comments, diagnostics: lines.flatMap((line) => line.diagnostics) };
}

/** Lexes one line, without its end, that begins at `place`. */
export function lexLine(line: string, place: number, file: string): LexedText {
  if (line === "") return nothing;
  const { tokens, comments, division } = tokenize(line);
  for (const token of [...tokens, ...comments]) moveTo(token, place);
  const diagnostics: Diagnostic[] = [];
  if (division !== null) diagnostics.push(divisionSign(file, place, division));
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

const nothing: LexedText = { tokens: [], comments: [], diagnostics: [] };

interface Tokens {
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly division: Division | null;
}

/** Where `//` divides as in Python, `/` is read. */
function tokenize(line: string): Tokens {
  const { tokens, groups, errors } = netLexer().tokenize(line);
  invariant(errors.length === 0, `the lexer failed: ${errors[0]?.message}`);
  const comments = groups["comments"] ?? [];
  const division = comments[0] === undefined ? null : floorDivision(line, comments[0]);
  if (division === null) return { tokens, comments, division };
  // Of the same length, so that every place stays what it is.
  const repaired = `${line.slice(0, division.sign)}/ ${line.slice(division.sign + 2)}`;
  const again = netLexer().tokenize(repaired);
  return { tokens: again.tokens, comments: again.groups["comments"] ?? [], division };
}

export function spanOf(token: IToken, file: string): Span {
  return { file, start: token.startOffset, end: endOf(token) };
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
  /** Where in its line the dividend and the sign stand. */
  readonly start: number;
  readonly sign: number;
}

/**
 * `32 // 2`, as Python divides: behind an operand that a call or a binding has just begun, or with the
 * rest of a call behind it that began on the same line. Null for a comment.
 */
function floorDivision(line: string, { image, startOffset: sign }: IToken): Division | null {
  const divisor = /^\/\/\s*\d+(?:\.\d+)?\s*(?<rest>[-+*,)\]].*)?$/.exec(image);
  if (divisor === null) return null;
  const before = line.slice(0, sign);
  const isAlone = divisor.groups?.["rest"] === undefined;
  const isInCall = before.split(/[([]/).length > before.split(/[)\]]/).length;
  // Of a long line only the end: nobody divides by so much.
  const dividend = (isAlone ? /(?<=[=(,]\s*)[\w.]+\s*$/ : /[\w.)]+\s*$/).exec(before.slice(-100))?.[0];
  if (dividend === undefined || !(isAlone || isInCall)) return null;
  return { start: sign - dividend.length, sign };
}

function divisionSign(file: string, line: number, { start, sign }: Division): Diagnostic {
  const span = { file, start: line + start, end: line + sign + 2 };
  return diagnostic("syntax", span, "`//` begins a comment, and this looks like a division", {
    suggestion: {
      message: "Write `/`: between whole numbers it rounds down.",
      edits: [{ span: { ...span, start: line + sign }, text: "/" }],
    },
  });
}

function hashComment(token: IToken, file: string): Diagnostic {
  const span = { file, start: token.startOffset, end: token.startOffset + 1 };
  return diagnostic("syntax", span, "`#` cannot stand here", {
    suggestion: { message: "A comment begins with `//`.", edits: [{ span, text: "//" }] },
  });
}
