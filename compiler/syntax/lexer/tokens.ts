/**
 * The token types of the language.
 *
 * Contextual words (`input`, `over`, `in`, ...) are lexed as identifiers; `items.ts`
 * gives them their keyword types where the grammar expects them. Markers (`ItemStart`,
 * `ItemEnd`, `DeclarationEnd`) have no text: layout puts them in, so that the parser
 * always finds its way back after a mistake.
 */
import { createToken, Lexer } from "chevrotain";
import type { CustomPatternMatcherFunc, IToken, TokenType } from "chevrotain";

export const Identifier = createToken({ name: "Identifier", pattern: /[A-Za-z_][A-Za-z0-9_]*/ });

// ------------------------------------------------------------- reserved words

function reserved(name: string, word: string): TokenType {
  return createToken({ name, pattern: word, longer_alt: Identifier });
}

export const Import = reserved("Import", "import");
export const Const = reserved("Const", "const");
export const Block = reserved("Block", "block");
export const Net = reserved("Net", "net");
export const Train = reserved("Train", "train");
export const If = reserved("If", "if");
export const Then = reserved("Then", "then");
export const Else = reserved("Else", "else");
export const As = reserved("As", "as");
export const True = reserved("True", "true");
export const False = reserved("False", "false");
export const Not = reserved("Not", "not");

/** Every operator between two operands, except the arrow. */
export const BinaryOperator = createToken({ name: "BinaryOperator", pattern: Lexer.NA });

export const And = createToken({
  name: "And",
  pattern: "and",
  longer_alt: Identifier,
  categories: BinaryOperator,
});
export const Or = createToken({
  name: "Or",
  pattern: "or",
  longer_alt: Identifier,
  categories: BinaryOperator,
});

// ----------------------------------------------------------- contextual words

function contextual(name: string): TokenType {
  return createToken({ name, pattern: Lexer.NA });
}

export const From = contextual("From");
export const Where = contextual("Where");
export const Input = contextual("Input");
export const Sample = contextual("Sample");
export const Minimize = contextual("Minimize");
export const Step = contextual("Step");
export const Metric = contextual("Metric");
export const Over = contextual("Over");
export const Except = contextual("Except");
export const With = contextual("With");
export const In = contextual("In");

// -------------------------------------------------------------------- markers

export const ItemStart = contextual("ItemStart");
export const ItemEnd = contextual("ItemEnd");
export const DeclarationEnd = contextual("DeclarationEnd");

// ---------------------------------------------------------------- punctuation

function punctuation(name: string, pattern: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, pattern, categories });
}

export const LeftBrace = punctuation("LeftBrace", "{");
export const RightBrace = punctuation("RightBrace", "}");
export const RightParen = punctuation("RightParen", ")");
export const RightBracket = punctuation("RightBracket", "]");
export const Comma = punctuation("Comma", ",");
export const Colon = punctuation("Colon", ":");
export const Tilde = punctuation("Tilde", "~");
export const Arrow = punctuation("Arrow", "->");
export const DotDot = punctuation("DotDot", "..", [BinaryOperator]);
export const Dot = punctuation("Dot", ".");
export const Plus = punctuation("Plus", "+", [BinaryOperator]);
export const Minus = punctuation("Minus", "-", [BinaryOperator]);
export const Star = punctuation("Star", "*", [BinaryOperator]);
export const Slash = punctuation("Slash", "/", [BinaryOperator]);
export const Percent = punctuation("Percent", "%", [BinaryOperator]);
export const EqualEqual = punctuation("EqualEqual", "==", [BinaryOperator]);
export const NotEqual = punctuation("NotEqual", "!=", [BinaryOperator]);
export const LessEqual = punctuation("LessEqual", "<=", [BinaryOperator]);
export const GreaterEqual = punctuation("GreaterEqual", ">=", [BinaryOperator]);
export const Less = punctuation("Less", "<", [BinaryOperator]);
export const Greater = punctuation("Greater", ">", [BinaryOperator]);
export const Equals = punctuation("Equals", "=");

// ----------------------------------------------- brackets that touch, or do not

/** Either kind of `(`. */
export const OpenParen = createToken({ name: "OpenParen", pattern: Lexer.NA });
/** Either kind of `[`. */
export const OpenBracket = createToken({ name: "OpenBracket", pattern: Lexer.NA });

/** A `(` or `[` belongs to the name, `)` or `]` that it touches. */
function touching(character: string): CustomPatternMatcherFunc {
  return (text, offset, matched) => {
    if (text[offset] !== character) return null;
    const previous = matched.at(-1);
    if (previous === undefined || endOf(previous) !== offset) return null;
    const holds =
      previous.tokenType === Identifier ||
      previous.tokenType === RightParen ||
      previous.tokenType === RightBracket ||
      previous.tokenType === MemberNumber;
    return holds ? [character] : null;
  };
}

/** The `(` of `conv(6, 5)`. */
export const CallParen = createToken({
  name: "CallParen",
  pattern: touching("("),
  start_chars_hint: ["("],
  line_breaks: false,
  categories: OpenParen,
});
/** The `(` of `(a, b)`. */
export const GroupParen = punctuation("GroupParen", "(", [OpenParen]);
/** The `[` of `x[:, 0:1]`. */
export const IndexBracket = createToken({
  name: "IndexBracket",
  pattern: touching("["),
  start_chars_hint: ["["],
  line_breaks: false,
  categories: OpenBracket,
});
/** The `[` of `[2, 1]`. */
export const ListBracket = punctuation("ListBracket", "[", [OpenBracket]);

// ------------------------------------------------------------------- literals

const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** A number of any kind, well written or not. */
export const NumberToken = createToken({ name: "NumberToken", pattern: Lexer.NA });

const memberNumberPattern = /\d+/y;

/** The integer after a dot: `layer1.0.1`. */
export const MemberNumber = createToken({
  name: "MemberNumber",
  pattern: (text, offset, matched) => {
    const previous = matched.at(-1);
    if (previous?.tokenType !== Dot || endOf(previous) !== offset) return null;
    memberNumberPattern.lastIndex = offset;
    const match = memberNumberPattern.exec(text);
    return match === null ? null : [match[0]];
  },
  start_chars_hint: digits,
  line_breaks: false,
});
export const PlainNumber = createToken({
  name: "PlainNumber",
  pattern: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\w|\.\d)/,
  categories: NumberToken,
});
/** `2x`, `1e`, `1_000`: a number that touches a name. */
export const MalformedNumber = createToken({
  name: "MalformedNumber",
  pattern: /\d+(?:\.\d+)?\w*/,
  categories: NumberToken,
});

/** A string of any kind, closed or not. */
export const StringToken = createToken({ name: "StringToken", pattern: Lexer.NA });
export const ClosedString = createToken({
  name: "ClosedString",
  pattern: /"[^"\r\n]*"/,
  categories: StringToken,
});
/** A string between other quotes. */
export const SingleQuotedString = createToken({
  name: "SingleQuotedString",
  pattern: /'[^'"\r\n]*'/,
  categories: StringToken,
});
export const UnclosedString = createToken({
  name: "UnclosedString",
  pattern: /"[^"\r\n]*/,
  categories: StringToken,
});

// --------------------------------------------------------- comments and the rest

export const Whitespace = createToken({
  name: "Whitespace",
  pattern: /[ \t\r\n\f\v\uFEFF\u00A0]+/,
  line_breaks: true,
  group: Lexer.SKIPPED,
});
export const CommentToken = createToken({
  name: "CommentToken",
  pattern: /\/\/[^\r\n]*/,
  group: "comments",
});
/** A comment as in Python. */
export const HashComment = createToken({ name: "HashComment", pattern: /#[^\r\n]*/ });
/** What means nothing in this language, kept so that the parser can point at it. */
export const Unknown = createToken({ name: "Unknown", pattern: Lexer.NA });
/** Operators of other languages. */
export const ForeignOperator = createToken({
  name: "ForeignOperator",
  pattern: /\/\*|\*\*|&&|\|\||=>|\|>|>>|:=/,
  categories: Unknown,
});
export const StrayCharacter = createToken({
  name: "StrayCharacter",
  pattern: /[^\x00-\x7F]+|[^\s]/,
  line_breaks: false,
  categories: Unknown,
});
/** The braces of something in `{ }` that does not belong where it stands. */
export const StrayBrace = createToken({ name: "StrayBrace", pattern: Lexer.NA, categories: Unknown });

/** All types, in the order in which the lexer tries them. */
export const tokenTypes: TokenType[] = [
  ...[Whitespace, CommentToken, HashComment],
  ...[OpenParen, OpenBracket, BinaryOperator, NumberToken, StringToken],
  ...[Import, Const, Block, Net, Train, If, Then, Else, As, And, Or, Not, True, False, Identifier],
  ...[From, Where, Input, Sample, Minimize, Step, Metric, Over, Except, With, In],
  ...[ItemStart, ItemEnd, DeclarationEnd],
  ...[Unknown, StrayBrace, ForeignOperator],
  ...[MemberNumber, PlainNumber, MalformedNumber, ClosedString, UnclosedString, SingleQuotedString],
  ...[CallParen, GroupParen, IndexBracket, ListBracket],
  ...[LeftBrace, RightBrace, RightParen, RightBracket, Comma, Colon, Tilde, Arrow, DotDot, Dot],
  ...[EqualEqual, NotEqual, LessEqual, GreaterEqual],
  ...[Plus, Minus, Star, Slash, Percent, Less, Greater, Equals],
  StrayCharacter,
];

// -------------------------------------------------------------------- helpers

/** The half-open end of a token. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

/** Characters before a token on its line. */
export function columnOf(token: IToken): number {
  return (token.startColumn ?? 1) - 1;
}

/** Puts a token that was lexed at the offsets of its line where the line stands. */
export function moveTo(token: IToken, line: number): void {
  token.startColumn = token.startOffset + 1;
  token.startOffset += line;
  token.endOffset = token.startOffset + token.image.length - 1;
}

/** A token of another type with the same text and place. */
export function retagged(token: IToken, type: TokenType): IToken {
  if (token.tokenType === type) return token;
  return makeToken(type, token.image, token.startOffset, columnOf(token));
}

/** A token without text, standing right before another. */
export function markerBefore(type: TokenType, next: IToken): IToken {
  return makeToken(type, "", next.startOffset, columnOf(next));
}

/** A token without text, standing right behind another. */
export function markerBehind(type: TokenType, previous: IToken): IToken {
  return makeToken(type, "", endOf(previous), columnOf(previous) + previous.image.length);
}

/** A token of any type, image and place. */
function makeToken(type: TokenType, image: string, offset: number, column: number): IToken {
  return {
    image,
    startOffset: offset,
    endOffset: offset + image.length - 1,
    startColumn: column + 1,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
    tokenType: type,
  };
}
