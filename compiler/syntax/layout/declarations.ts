/**
 * Cuts the tokens of a file into declarations.
 *
 * After it: every piece begins with a declaration word, so damage in one declaration
 * cannot reach another. A misspelt word is reported and read as the one it was meant
 * to be; a reserved word used as a name is reported and read as a name.
 */
import type { IToken, TokenType } from "chevrotain";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Span, Suggestion } from "../../diagnostics/diagnostic.js";
import { quote } from "../../diagnostics/quote.js";
import { closest } from "../../diagnostics/suggest.js";
import { explainForeign } from "../grammar/foreign.js";
import { spanOf } from "../lexer/lexer.js";
import {
  And,
  As,
  Block,
  Colon,
  columnOf,
  Comma,
  Const,
  Else,
  endOf,
  Equals,
  False,
  GroupParen,
  Identifier,
  If,
  Import,
  LeftBrace,
  ListBracket,
  Net,
  Not,
  Or,
  retagged,
  RightBrace,
  RightParen,
  StringToken,
  Then,
  Train,
  True,
  Unknown,
} from "../lexer/tokens.js";
import { closes, opens } from "./bracket-kinds.js";
import { tokenMatcher } from "chevrotain";
import { declarationWords, endsOperand, itemWords, startsLine } from "./words.js";
import type { LayoutContext } from "./words.js";

const declarationTypes = new Set<TokenType>(declarationWords.values());
const reserved = new Set<TokenType>([...declarationTypes, If, Then, Else, As, And, Or, Not, True, False]);

/** Words for declarations in other languages. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ["model", "net"],
  ["network", "net"],
  ["module", "net"],
  ["layer", "block"],
  ["def", "block"],
  ["fn", "block"],
  ["func", "block"],
  ["function", "block"],
  ["class", "block"],
  ["let", "const"],
  ["var", "const"],
  ["val", "const"],
  ["include", "import"],
  ["use", "import"],
  ["training", "train"],
  ["optimize", "train"],
]);

const drawn =
  "A net is drawn with arrows: net Name: image[N, 1, 28, 28] { image -> conv(20, 5) as conv1 -> relu }";
const exported = "Leave it out: every declaration of a file can be imported.";

/** What begins a line at the top of files of other languages. */
const foreignStarts: ReadonlyMap<string, string> = new Map([
  ["export", exported],
  ["pub", exported],
  ["public", exported],
  ["layer", drawn],
  ["layers", drawn],
  ["name", drawn],
  ["input", drawn],
]);

/** The tokens of each declaration, its word first. What stands before the first one is reported and left out. */
export function cutIntoDeclarations(source: readonly IToken[], context: LayoutContext): IToken[][] {
  const tokens = withoutMisusedWords(source, context);
  const starts: { readonly index: number; readonly word: IToken }[] = [];
  const leftOut = new Set<IToken>();
  let depth = 0;
  let indentation = 0;
  let outsideReported = false;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]!;
    let word: IToken | null = null;
    if (declarationTypes.has(token.tokenType) && !isSettingType(tokens, index)) word = token;
    else if (isMisspeltDeclaration(tokens, index, { depth, indentation })) {
      word = readMisspelt(tokens, index, context);
    }
    if (word?.tokenType === Const && isInsideBody(tokens, index, { depth, indentation })) {
      reportInnerConstant(tokens, index, context);
      leftOut.add(token);
      continue;
    }
    if (word !== null) {
      if (startsLine(tokens, index)) indentation = columnOf(token);
      starts.push({ index, word });
      depth = 0;
      continue;
    }
    if (opens(token)) depth++;
    if (closes(token)) depth = Math.max(0, depth - 1);
    if (starts.length === 0 && !outsideReported && !isForeignImport(tokens, index)) {
      reportOutside(tokens, index, context);
      outsideReported = true;
    }
  }
  return starts.map(({ index, word }, number) => {
    const piece = tokens.slice(index, starts[number + 1]?.index);
    piece[0] = word;
    return leftOut.size === 0 ? piece : piece.filter((token) => !leftOut.has(token));
  });
}

/** `const` at a binding of a body, which stands further to the right than the declaration. */
function isInsideBody(
  tokens: readonly IToken[],
  index: number,
  current: { readonly depth: number; readonly indentation: number },
): boolean {
  if (current.depth === 0 || tokens[index + 2]?.tokenType !== Equals) return false;
  return startsLine(tokens, index) && columnOf(tokens[index]!) > current.indentation;
}

function reportInnerConstant(
  tokens: readonly IToken[],
  index: number,
  { file, report }: LayoutContext,
): void {
  const span = spanOf(tokens[index]!, file);
  const { startOffset, image } = tokens[index + 1]!;
  report(
    diagnostic("syntax", span, "constants stand outside of bodies", {
      suggestion: {
        message: `A binding of a body needs no word before it: ${image} = ...`,
        edits: [{ span: { ...span, end: startOffset }, text: "" }],
      },
    }),
  );
}

/** `from file import Name`, of which `import Name` is reported. */
function isForeignImport(tokens: readonly IToken[], index: number): boolean {
  let start = index;
  while (start > 0 && index - start < 20 && !startsLine(tokens, start)) start -= 1;
  if (tokens[start]!.image !== "from") return false;
  let end = index + 1;
  while (end < tokens.length && end - index < 20 && !startsLine(tokens, end)) {
    if (tokens[end]!.tokenType === Import) return true;
    end += 1;
  }
  return false;
}

/** Reports something that stands outside every declaration. */
export function reportOutside(tokens: readonly IToken[], index: number, context: LayoutContext): void {
  const token = tokens[index]!;
  const span = spanOf(token, context.file);
  if (token.tokenType === RightBrace) {
    context.report(
      diagnostic("syntax", span, "this `}` closes nothing", {
        suggestion: { message: "Remove it.", edits: [{ span, text: "" }] },
      }),
    );
    return;
  }
  if (tokenMatcher(token, Unknown)) {
    const { message, advice } = explainForeign(token);
    context.report(diagnostic("syntax", span, message, { suggestion: { message: advice, edits: [] } }));
    return;
  }
  context.report(
    diagnostic("syntax", span, "this stands outside every declaration", {
      suggestion: adviceOutside(tokens, index, span),
    }),
  );
}

function adviceOutside(tokens: readonly IToken[], index: number, span: Span): Suggestion {
  const token = tokens[index]!;
  const previous = tokens[index - 1];
  if (token.tokenType === Identifier && tokens[index + 1]?.tokenType === Equals) {
    return {
      message: `Write ${quote(`const ${token.image} = ...`)} for a value that the whole file uses.`,
      edits: [{ span: { ...span, end: span.start }, text: "const " }],
    };
  }
  const isDetached = token.tokenType === GroupParen || token.tokenType === ListBracket;
  if (isDetached && previous?.tokenType === Identifier && !startsLine(tokens, index)) {
    return {
      message: `The \`${token.image}\` of a call or a slice touches its name: remove the space.`,
      edits: [{ span: { ...span, start: endOf(previous), end: span.start }, text: "" }],
    };
  }
  const foreign = foreignStarts.get(token.image);
  if (foreign !== undefined) return { message: foreign, edits: [] };
  return {
    message:
      "A file is a list of declarations, which begin with import, const, block, net or train. " +
      "If this belongs to the one above, its body was closed too early.",
    edits: [],
  };
}

/** `Unit: block`, or `Unit block` with its colon forgotten, in a list of settings. */
function isSettingType(tokens: readonly IToken[], index: number): boolean {
  if (tokens[index]!.tokenType !== Block) return false;
  const previous = tokens[index - 1]?.tokenType;
  const next = tokens[index + 1]?.tokenType;
  const ends = next === Comma || next === RightParen;
  if (previous === Identifier) return ends;
  const isOnLine = !startsLine(tokens, index);
  return previous === Colon && (ends || next === Equals || isOnLine);
}

/** The tokens themselves where every word is used for what it is. */
function withoutMisusedWords(tokens: readonly IToken[], context: LayoutContext): readonly IToken[] {
  let mended: IToken[] | null = null;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = withoutMisusedWord(tokens, index, context);
    if (token === tokens[index]) continue;
    mended ??= [...tokens];
    mended[index] = token;
  }
  return mended ?? tokens;
}

/** Reads a reserved word as a name, and reports it, where it cannot be what it is reserved for. */
function withoutMisusedWord(tokens: readonly IToken[], index: number, context: LayoutContext): IToken {
  const token = tokens[index]!;
  if (!reserved.has(token.tokenType)) return token;
  const isDeclaration = declarationTypes.has(token.tokenType);
  if (isSettingType(tokens, index)) return token;
  const isAtEdge = startsLine(tokens, index) && columnOf(token) === 0;
  const isBound = tokens[index + 1]?.tokenType === Equals && !(isDeclaration && isAtEdge);
  const isMisused =
    isBound || namesDeclaration(tokens, index) || (isDeclaration && !canBeginDeclaration(tokens, index));
  if (!isMisused) return token;
  context.report(
    diagnostic("syntax", spanOf(token, context.file), `${quote(token.image)} is a reserved word`, {
      label: "a name is expected here",
      suggestion: { message: "Choose another name.", edits: [] },
    }),
  );
  return retagged(token, Identifier);
}

/** `net then: ...`: the word stands where the name of a declaration must, on its line. */
function namesDeclaration(tokens: readonly IToken[], index: number): boolean {
  const previous = tokens[index - 1];
  return (
    previous !== undefined &&
    declarationTypes.has(previous.tokenType) &&
    !isSettingType(tokens, index - 1) &&
    !startsLine(tokens, index) &&
    startsLine(tokens, index - 1)
  );
}

function canBeginDeclaration(tokens: readonly IToken[], index: number): boolean {
  const token = tokens[index]!;
  const next = tokens[index + 1];
  if (next?.tokenType === Identifier) return true;
  if (token.tokenType === Import && next !== undefined) {
    if (next.tokenType === LeftBrace || tokenMatcher(next, StringToken)) return true;
  }
  if (!startsLine(tokens, index)) return false;
  return (
    next === undefined ||
    next.tokenType === Equals ||
    next.tokenType === Colon ||
    next.tokenType === LeftBrace ||
    namesDeclaration(tokens, index + 1) ||
    startsLine(tokens, index + 1)
  );
}

/**
 * `nett LeNet ...`: two names at the start of a line. Outside every bracket that is a
 * misspelt word for certain; inside one, when the word is nearly one and does not
 * stand further to the right than the declaration it would end.
 */
function isMisspeltDeclaration(
  tokens: readonly IToken[],
  index: number,
  current: { readonly depth: number; readonly indentation: number },
): boolean {
  const token = tokens[index]!;
  const next = tokens[index + 1];
  if (token.tokenType !== Identifier || next?.tokenType !== Identifier) return false;
  if (isForeignImport(tokens, index)) return false;
  if (!startsLine(tokens, index) || startsLine(tokens, index + 1)) return false;
  if (index === 0) return true;
  if (token.image === "where" || token.image === "from") return false;
  const previous = tokens[index - 1]!;
  if (current.depth === 0) return previous.tokenType === RightBrace || endsOperand(previous);
  return (
    meantWord(token.image) !== null && !itemWords.has(token.image) && columnOf(token) <= current.indentation
  );
}

function readMisspelt(tokens: readonly IToken[], index: number, context: LayoutContext): IToken {
  const token = tokens[index]!;
  const span = spanOf(token, context.file);
  const meant = meantWord(token.image);
  context.report(
    diagnostic("syntax", span, `${quote(token.image)} does not begin a declaration`, {
      suggestion:
        meant === null
          ? { message: "Declarations begin with import, const, block, net or train.", edits: [] }
          : { message: `Did you mean \`${meant}\`?`, edits: [{ span, text: meant }] },
    }),
  );
  return retagged(token, meant === null ? wordByShape(tokens, index) : declarationWords.get(meant)!);
}

function meantWord(word: string): string | null {
  return closest(word, declarationWords.keys()) ?? synonyms.get(word.toLowerCase()) ?? null;
}

/** Which declaration `Word Name ...` looks like, from what follows the name. */
function wordByShape(tokens: readonly IToken[], index: number): TokenType {
  const after = tokens[index + 2]?.tokenType;
  if (after === Equals) return Const;
  if (after === LeftBrace) return Train;
  return Net;
}
