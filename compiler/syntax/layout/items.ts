/**
 * Marks the items of one declaration, and settles its contextual words.
 *
 * Line ends mean nothing, so an item ends where an operand is followed by what can
 * only begin another one, or before what can never be an operand. Before it: balanced
 * brackets. After it: every item of a body stands between `ItemStart` and `ItemEnd`,
 * and `input`, `over`, `in`, ... are keywords exactly where the grammar expects them.
 */
import type { IToken, TokenType } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { quote } from "../../diagnostics/quote.js";
import { closest } from "../../diagnostics/suggest.js";
import { reportOutside } from "./declarations.js";
import { endOfForeignStatement, isConditionBehind, isElseIfAt } from "./foreign-statements.js";
import { spanOf } from "../lexer/lexer.js";
import {
  And,
  Block,
  CallParen,
  Comma,
  Const,
  DeclarationEnd,
  Dot,
  Else,
  endOf,
  Equals,
  Except,
  From,
  GroupParen,
  Identifier,
  If,
  Import,
  In,
  Input,
  ItemEnd,
  ItemStart,
  LeftBrace,
  ListBracket,
  markerBefore,
  markerBehind,
  Metric,
  Minimize,
  Minus,
  Not,
  OpenBracket,
  OpenParen,
  Or,
  Over,
  retagged,
  RightBrace,
  RightBracket,
  RightParen,
  Step,
  StrayBrace,
  StringToken,
  Then,
  Where,
  With,
} from "../lexer/tokens.js";
import {
  bindsNames,
  certainlyStartsItem,
  endsOperand,
  findClosers,
  isFollowedByEquals,
  itemWords,
  startsLine,
  startsOperand,
} from "./words.js";
import type { LayoutContext } from "./words.js";

/** What encloses a token. `stray` is something in braces where no braces belong. */
interface Frame {
  readonly kind: "header" | "body" | "arguments" | "brackets" | "stray";
  /** In a body: the keyword that began the current item, if one did. */
  word: TokenType | null;
  /** In a body: how many tokens the current item has so far. */
  length: number;
}

type HeaderState = "header" | "value" | "ended";

const minimizeClauses: ReadonlyMap<string, TokenType> = new Map([
  ["over", Over],
  ["except", Except],
  ["with", With],
]);

/** What people write for them. */
const foreignClauses: ReadonlyMap<string, TokenType> = new Map([
  ["using", With],
  ["by", With],
  ["via", With],
  ["wrt", Over],
  ["without", Except],
]);

/** The tokens of a declaration with markers put in, and words settled. */
export function markItems(balanced: readonly IToken[], context: LayoutContext): IToken[] {
  // What stands before the current token has its final type already.
  const tokens = [...balanced];
  const declaration = tokens[0]!.tokenType;
  const closers = findClosers(tokens);
  const marked: IToken[] = [];
  const frames: Frame[] = [newFrame("header")];
  let state: HeaderState = "header";
  // No item begins before this token: it belongs to a statement of another language.
  let statementEnd = 0;
  // A word to be left out, which the item begins with all the same.
  let needless: IToken | null = null;

  for (let index = 0; index < balanced.length; index += 1) {
    const token = balanced[index]!;
    const frame = frames.at(-1)!;
    const type = token.tokenType;
    if (frame.kind === "header") {
      const overran = state === "value" && beginsItem(tokens, index, frame, closers);
      if (state === "ended" || overran) {
        reportOutside(tokens, index, context);
        marked.push(markerBefore(DeclarationEnd, token));
        return marked;
      }
      state = stateAfter(declaration, state, token);
    }
    if (type === RightBrace) {
      frames.pop();
      if (frame.kind === "body" && frame.length > 0) marked.push(markerBehind(ItemEnd, tokens[index - 1]!));
      marked.push(retagged(token, frame.kind === "stray" ? StrayBrace : type));
      if (frames.length === 1 && frame.kind === "body") state = "ended";
      continue;
    }
    if (frame.kind === "body") {
      const begins = frame.length === 0 || beginsItem(tokens, index, frame, closers);
      if (begins && index >= statementEnd) {
        if (frame.length > 0) marked.push(markerBehind(ItemEnd, tokens[index - 1]!));
        frame.length = 0;
        statementEnd = endOfForeignStatement(tokens, index, context) ?? index;
        if (statementEnd === index + 1) {
          needless = token;
          continue;
        }
        marked.push(markerBefore(ItemStart, needless ?? token));
        needless = null;
        frame.word = itemWordAt(tokens, index, context);
        frame.length = 0;
      }
      frame.length++;
    }
    if (type === LeftBrace) {
      const kind = bracesKind(tokens, index, frame, declaration, state);
      frames.push(newFrame(kind));
      marked.push(retagged(token, kind === "stray" ? StrayBrace : type));
    } else if (tokenMatcher(token, OpenParen) || tokenMatcher(token, OpenBracket)) {
      frames.push(type === CallParen ? inArguments : inBrackets);
      marked.push(token);
    } else if (type === RightParen || type === RightBracket) {
      frames.pop();
      marked.push(token);
    } else {
      const keyword = keywordAt(tokens, index, frame, declaration);
      if (keyword !== null) reportForeignClause(token, keyword, frame, context);
      const settled = retagged(token, keyword ?? type);
      tokens[index] = settled;
      marked.push(settled);
    }
  }
  marked.push(markerBehind(DeclarationEnd, tokens.at(-1)!));
  return marked;
}

function newFrame(kind: Frame["kind"]): Frame {
  return { kind, word: null, length: 0 };
}

/** Only bodies count: these are the same everywhere. */
const inArguments: Readonly<Frame> = newFrame("arguments");
const inBrackets: Readonly<Frame> = newFrame("brackets");

/** `const` and `block =` end with an expression, `import` with a string, the others with a body. */
function stateAfter(declaration: TokenType, state: HeaderState, token: IToken): HeaderState {
  if (declaration === Import) return tokenMatcher(token, StringToken) ? "ended" : state;
  const hasValue = declaration === Const || declaration === Block;
  return hasValue && token.tokenType === Equals ? "value" : state;
}

function bracesKind(
  tokens: readonly IToken[],
  index: number,
  frame: Frame,
  declaration: TokenType,
  state: HeaderState,
): Frame["kind"] {
  if (frame.kind === "header") {
    if (declaration === Import) return "brackets";
    return state === "header" && declaration !== Const ? "body" : "stray";
  }
  // `step name {`, or `step {` with its name forgotten.
  const wordDistance = frame.length - 1;
  const isStep = frame.kind === "body" && frame.word === Step && wordDistance >= 1 && wordDistance <= 2;
  const isNamed = wordDistance === 1 || tokens[index - 1]!.tokenType === Identifier;
  return isStep && isNamed ? "body" : "stray";
}

/** Whether a new item begins at this token, which stands directly in a body (or after a declaration's `=`). */
function beginsItem(
  tokens: readonly IToken[],
  index: number,
  frame: Frame,
  closers: ReadonlyMap<number, number>,
): boolean {
  const token = tokens[index]!;
  const previous = tokens[index - 1]!;
  // The token after the word that began the item belongs to it, unless it is bound (`metric` binds).
  if (frame.word !== null && frame.length === 1) {
    return frame.word !== Metric && bindsNames(tokens, index, closers);
  }
  if (token.tokenType === Then || token.tokenType === Else) return false;
  if (isElseIfAt(tokens, index) || isElseIfAt(tokens, index - 1)) return false;
  if (token.tokenType === If && isConditionBehind(tokens, index)) return false;
  if (previous.tokenType === RightBrace) return true;
  if (isClause(tokens, index, frame)) return false;
  if (endsOperand(previous) && startsOperand(token)) return !touches(token);
  if (frame.word === Minimize && isClause(tokens, index + 1, frame)) return false;
  if (certainlyStartsItem(tokens, index)) return !isCondition(tokens, index);
  return token.tokenType === GroupParen && bindsNames(tokens, index, closers);
}

/** `if a = b`: a comparison written with one `=`, not a binding. */
function isCondition(tokens: readonly IToken[], index: number): boolean {
  const previous = tokens[index - 1]!.tokenType;
  const joins = previous === If || previous === And || previous === Or || previous === Not;
  return joins && !startsLine(tokens, index);
}

/** A call's `(` and an index's `[` are no operands of their own. */
function touches(token: IToken): boolean {
  const isBracket = tokenMatcher(token, OpenParen) || tokenMatcher(token, OpenBracket);
  return isBracket && token.tokenType !== GroupParen && token.tokenType !== ListBracket;
}

/** The keyword with which the item at `index` begins, or null when it begins with an expression. */
function itemWordAt(tokens: readonly IToken[], index: number, context: LayoutContext): TokenType | null {
  const token = tokens[index]!;
  const next = tokens[index + 1];
  if (token.tokenType !== Identifier || next === undefined || next.tokenType === Equals) return null;
  const word = itemWords.get(token.image) ?? null;
  if (word === null) return misspeltItemWord(tokens, index, context);
  if (word === Minimize) return startsOperand(next) || next.tokenType === Minus ? word : null;
  if (next.tokenType === Identifier) return word;
  if (word === Metric) return null;
  if (word === Step) return next.tokenType === LeftBrace ? word : null;
  return next.tokenType === ListBracket ? word : null;
}

/** `inputt image[N, 3]`: two names on a line, the first nearly a keyword. */
function misspeltItemWord(
  tokens: readonly IToken[],
  index: number,
  context: LayoutContext,
): TokenType | null {
  const token = tokens[index]!;
  if (tokens[index + 1]!.tokenType !== Identifier || startsLine(tokens, index + 1)) return null;
  const meant = closest(token.image, itemWords.keys());
  if (meant === null) return null;
  const span = spanOf(token, context.file);
  context.report(
    diagnostic("syntax", span, `${quote(token.image)} does not begin an item`, {
      suggestion: { message: `Did you mean \`${meant}\`?`, edits: [{ span, text: meant }] },
    }),
  );
  return itemWords.get(meant)!;
}

/** `over`, `except`, `with` after the loss, and `in` after an input. */
function isClause(tokens: readonly IToken[], index: number, frame: Frame): boolean {
  return clauseAt(tokens, index, frame) !== null;
}

function clauseAt(tokens: readonly IToken[], index: number, frame: Frame): TokenType | null {
  const token = tokens[index];
  if (token?.tokenType !== Identifier || isFollowedByEquals(tokens, index)) return null;
  const previous = tokens[index - 1]!;
  if (frame.kind === "body" && frame.word === Minimize && frame.length > 1) {
    const clause = minimizeClauses.get(token.image);
    if (clause !== undefined) return endsOperand(previous) || replacesPath(tokens, index) ? clause : null;
    const isForeign = endsOperand(previous) && tokens[index + 1]?.tokenType === Identifier;
    return isForeign ? (foreignClauses.get(token.image) ?? null) : null;
  }
  const expectsIn = frame.kind === "arguments" || (frame.kind === "body" && frame.word === Input);
  return expectsIn && token.image === "in" && endsOperand(previous) ? In : null;
}

/** `minimize loss using adam(...)`, which is read as it was meant. */
function reportForeignClause(
  token: IToken,
  keyword: TokenType,
  frame: Frame,
  { file, report }: LayoutContext,
): void {
  if (frame.word !== Minimize || foreignClauses.get(token.image) !== keyword) return;
  const [meant] = [...minimizeClauses].find(([, type]) => type === keyword)!;
  const span = spanOf(token, file);
  report(
    diagnostic("syntax", span, `there is no ${quote(token.image)} in \`minimize\``, {
      suggestion: { message: `Write \`${meant}\`.`, edits: [{ span, text: meant }] },
    }),
  );
}

/** `over with adam()`: a clause word with a name behind it, where a path belongs. */
function replacesPath(tokens: readonly IToken[], index: number): boolean {
  const previous = tokens[index - 1]!;
  const next = tokens[index + 1];
  const type = previous.tokenType;
  const isDetachedDot = type === Dot && endOf(previous) < tokens[index]!.startOffset;
  const awaitsPath = type === Comma || type === Over || type === Except || isDetachedDot;
  return awaitsPath && next?.tokenType === Identifier && !minimizeClauses.has(next.image);
}

/** The keyword that the identifier at `index` is, or null when it is a name. */
function keywordAt(
  tokens: readonly IToken[],
  index: number,
  frame: Frame,
  declaration: TokenType,
): TokenType | null {
  const token = tokens[index]!;
  if (token.tokenType !== Identifier) return null;
  if (frame.kind === "body" && frame.length === 1) return frame.word;
  if (frame.kind === "header") {
    if (isFollowedByEquals(tokens, index)) return null;
    if (declaration === Import && token.image === "from") return From;
    if (declaration !== Import && token.image === "where" && endsOperand(tokens[index - 1]!)) return Where;
    return null;
  }
  return clauseAt(tokens, index, frame);
}
