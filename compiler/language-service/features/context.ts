/**
 * What is being written at an offset, told from the words before it alone: the text is seldom
 * a sentence while somebody writes.
 */
import type { IToken } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import { lex } from "../../syntax/lexer/lexer.js";
import {
  Arrow,
  As,
  Block,
  CallParen,
  Colon,
  Comma,
  Dot,
  Equals,
  Identifier,
  Import,
  LeftBrace,
  MemberNumber,
  Net,
  OpenBracket,
  OpenParen,
  RightBrace,
  RightBracket,
  RightParen,
  StringToken,
  Tilde,
  Train,
  UnclosedString,
  endOf,
} from "../../syntax/lexer/tokens.js";
import { declarationWords, endsOperand } from "../../syntax/layout/words.js";

export type Context =
  | { readonly kind: "nothing" }
  | { readonly kind: "declaration" }
  | { readonly kind: "import" }
  | { readonly kind: "path"; readonly typed: string }
  /** After an arrow: what tensors can flow through. */
  | { readonly kind: "layer" }
  | { readonly kind: "size" }
  | { readonly kind: "argument"; readonly call: OpenCall }
  | { readonly kind: "value"; readonly call: OpenCall; readonly setting: string }
  | { readonly kind: "net" }
  | { readonly kind: "optimizer" }
  | { readonly kind: "distribution" }
  | { readonly kind: "part"; readonly path: readonly string[] }
  /** Where an item may begin: a name of a new binding, a keyword, or the result. */
  | { readonly kind: "item"; readonly isTrain: boolean }
  | { readonly kind: "expression" };

/** A call whose parenthesis is open. */
export interface OpenCall {
  readonly callee: string;
  /** The arguments before the cursor, complete or not. */
  readonly position: number;
  /** The settings given by name so far. */
  readonly named: readonly string[];
  /** The setting being given by name at the cursor. */
  readonly current: string | null;
}

export interface Cursor {
  readonly context: Context;
  /** The word that is being written. */
  readonly prefix: string;
}

/** The cursor at the end of a text. */
export function cursorAt(before: string): Cursor {
  const offset = before.length;
  const { tokens: all, comments } = lex(before, "");
  const comment = comments.at(-1);
  if (comment !== undefined && endOf(comment) === offset) return { context: { kind: "nothing" }, prefix: "" };
  const last = all.at(-1);
  const isInString = last?.tokenType === UnclosedString;
  const isWord = last !== undefined && endOf(last) === offset && /^\w+$/.test(last.image);
  const isNumber = isWord && /^\d/.test(last.image) && last.tokenType !== MemberNumber;
  const prefix = isWord ? last.image : "";
  const tokens = isWord || isInString ? all.slice(0, -1) : all;
  if (isNumber) return { context: { kind: "nothing" }, prefix };
  if (isInString) {
    const isPath = tokens.at(-1)?.image === "from";
    return {
      context: isPath ? { kind: "path", typed: last.image.slice(1) } : { kind: "nothing" },
      prefix: "",
    };
  }
  return { context: contextAfter(tokens, before), prefix };
}

/** The innermost call that is open at the end of a text; null for none. */
export function openCallAt(before: string): OpenCall | null {
  const { tokens } = lex(before, "");
  const stack = openBrackets(tokens);
  for (const index of stack.toReversed()) {
    if (tokens[index]!.tokenType === LeftBrace) return null;
    const call = callAt(tokens, index);
    if (call !== null) return call;
  }
  return null;
}

function contextAfter(tokens: readonly IToken[], text: string): Context {
  const stack = openBrackets(tokens);
  const previous = tokens.at(-1);
  const top = stack.at(-1);
  const opener = top === undefined ? undefined : tokens[top]!;
  const first = tokens.findLast(({ tokenType }) => [...declarationWords.values()].includes(tokenType));
  if (previous === undefined || first === undefined) return { kind: "declaration" };
  const isInBody = stack.some((index) => tokens[index]!.tokenType === LeftBrace);
  const startsLine = /[\r\n]/.test(text.slice(endOf(previous)).replace(/\w+$/, ""));
  if (first.tokenType === Import) return importContext(previous, opener, startsLine);
  if (!isInBody && startsLine && previous.tokenType === RightBrace) return { kind: "declaration" };
  if (previous.tokenType === As || previous === first) return { kind: "nothing" };
  if (previous.tokenType === Dot) return { kind: "part", path: pathBefore(tokens) };
  const call = top === undefined ? null : callAt(tokens, top);
  if (call !== null && previous.tokenType !== Arrow) return argumentContext(call, previous);
  if (!isInBody && (first.tokenType === Net || first.tokenType === Block)) {
    const isLayer =
      previous.tokenType === Equals || (previous.tokenType === Arrow && !hasColon(tokens, first));
    if (isLayer) return { kind: "layer" };
    if (opener !== undefined && tokenMatcher(opener, OpenBracket)) return { kind: "size" };
    if (startsLine && endsOperand(previous) && previous.tokenType !== RightBracket)
      return { kind: "declaration" };
    return previous.image === "where" || previous.tokenType === Comma
      ? { kind: "size" }
      : { kind: "nothing" };
  }
  if (!isInBody && startsLine && endsOperand(previous)) return { kind: "declaration" };
  if (opener !== undefined && tokenMatcher(opener, OpenBracket)) return { kind: "size" };
  if (previous.tokenType === Arrow) return { kind: "layer" };
  if (previous.tokenType === Tilde) return { kind: "distribution" };
  const clause = clauseBefore(tokens);
  if (clause !== null && !startsLine) return clause;
  const isBodyTop = opener?.tokenType === LeftBrace;
  if (isBodyTop && (previous.tokenType === LeftBrace || (startsLine && endsOperand(previous)))) {
    return { kind: "item", isTrain: first.tokenType === Train };
  }
  return endsOperand(previous) ? { kind: "nothing" } : { kind: "expression" };
}

function importContext(previous: IToken, opener: IToken | undefined, startsLine: boolean): Context {
  if (tokenMatcher(previous, StringToken) && startsLine) return { kind: "declaration" };
  return opener?.tokenType === LeftBrace && previous.tokenType !== As && previous.tokenType !== Identifier
    ? { kind: "import" }
    : { kind: "nothing" };
}

function argumentContext(call: OpenCall, previous: IToken): Context {
  if (call.current !== null && previous.tokenType === Equals)
    return { kind: "value", call, setting: call.current };
  if (previous.tokenType === CallParen || previous.tokenType === Comma) return { kind: "argument", call };
  return endsOperand(previous) ? { kind: "nothing" } : { kind: "expression" };
}

function hasColon(tokens: readonly IToken[], first: IToken): boolean {
  return tokens.slice(tokens.indexOf(first)).some(({ tokenType }) => tokenType === Colon);
}

/** After `over`, `except` and their commas: nets; after `with`: optimizers. */
function clauseBefore(tokens: readonly IToken[]): Context | null {
  const previous = tokens.at(-1)!;
  if (previous.image === "with") return { kind: "optimizer" };
  if (previous.image === "over" || previous.image === "except") return { kind: "net" };
  if (previous.tokenType !== Comma) return null;
  for (const token of tokens.toReversed()) {
    if (token.image === "over" || token.image === "except") return { kind: "net" };
    const isPath = [Identifier, Comma, Dot, MemberNumber].includes(token.tokenType);
    if (!isPath || token.image === "minimize" || token.image === "with") return null;
  }
  return null;
}

/** `Net`, `layer1` in `Net.layer1.` */
function pathBefore(tokens: readonly IToken[]): readonly string[] {
  const path: string[] = [];
  for (let index = tokens.length - 1; index > 0 && tokens[index]!.tokenType === Dot; index -= 2) {
    path.unshift(tokens[index - 1]!.image);
  }
  return path;
}

/** The indices of brackets that are open at the end; braces close what is open inside them. */
function openBrackets(tokens: readonly IToken[]): readonly number[] {
  const open: number[] = [];
  const words = [...declarationWords.values()];
  for (const [index, token] of tokens.entries()) {
    const type = token.tokenType;
    const begins = words.includes(type) && tokens[index - 1]?.tokenType !== Colon;
    if (begins) open.length = 0;
    else if (type === LeftBrace || tokenMatcher(token, OpenParen) || tokenMatcher(token, OpenBracket))
      open.push(index);
    else if (type === RightBrace) {
      while (open.length > 0 && tokens[open.pop()!]!.tokenType !== LeftBrace);
    } else if (type === RightParen || type === RightBracket) {
      const top = open.at(-1);
      if (top !== undefined && tokens[top]!.tokenType !== LeftBrace) open.pop();
    }
  }
  return open;
}

/** The call that the bracket at `index` opens; null when it opens something else. */
function callAt(tokens: readonly IToken[], index: number): OpenCall | null {
  if (tokens[index]!.tokenType !== CallParen) return null;
  const callee = tokens[index - 1]!;
  const isDeclared = [Net, Block].includes(tokens[index - 2]?.tokenType ?? Comma);
  if (callee.tokenType !== Identifier || isDeclared) return null;
  let depth = 0;
  let position = 0;
  let start = index + 1;
  const named: string[] = [];
  let current: string | null = null;
  for (let at = index + 1; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (tokenMatcher(token, OpenParen) || tokenMatcher(token, OpenBracket)) depth += 1;
    if (token.tokenType === RightParen || token.tokenType === RightBracket) depth -= 1;
    if (depth > 0) continue;
    if (token.tokenType === Comma) {
      position += 1;
      start = at + 1;
      if (current !== null) named.push(current);
      current = null;
    } else if (token.tokenType === Equals && at === start + 1) current = tokens[start]!.image;
  }
  return { callee: callee.image, position, named, current };
}
