/** Colours by meaning: what is a net, a word of the library, a setting, a keyword here. */
import type { IToken, TokenType } from "chevrotain";
import { tokenMatcher } from "chevrotain";
import {
  And,
  Arrow,
  As,
  BinaryOperator,
  Block,
  Const,
  Else,
  Equals,
  False,
  Identifier,
  If,
  Import,
  Net,
  Not,
  NumberToken,
  Or,
  StringToken,
  Then,
  Tilde,
  Train,
  True,
} from "../../syntax/lexer/tokens.js";
import type { Analysis } from "../analysis/analyze.js";
import { type Meaning, type NamedPlace, namesOf } from "../names/symbols.js";
import { isComment, tokensIn } from "../source/tokens.js";
import type { SemanticToken } from "../types.js";

const keywords = new Set<TokenType>([
  Import,
  Const,
  Block,
  Net,
  Train,
  If,
  Then,
  Else,
  As,
  And,
  Or,
  Not,
  True,
  False,
]);

type Kind = Pick<SemanticToken, "type" | "modifiers">;

/** In the order of the text, none overlapping. */
export function semanticTokensOf(analysis: Analysis): readonly SemanticToken[] {
  const names = namesOf(analysis);
  const kinds = new Map<number, Kind>();
  for (const place of names.all()) {
    const { start } = analysis.places.resolve(place.occurrence.span);
    const kind = kindOf(place, names.meaningOf(place));
    if (kind !== null) kinds.set(start, kind);
  }
  const found: SemanticToken[] = [];
  for (const { token, start, end } of tokensIn(analysis.file)) {
    const kind = kinds.get(start) ?? plainKind(token);
    if (kind !== null) found.push({ start, end, ...kind });
  }
  return found;
}

function plainKind(token: IToken): Kind | null {
  const { tokenType } = token;
  if (keywords.has(tokenType)) return plain("keyword");
  if (isComment(token)) {
    return /^\/\/\/(?!\/)/.test(token.image)
      ? { type: "comment", modifiers: ["documentation"] }
      : plain("comment");
  }
  if (tokenMatcher(token, NumberToken)) return plain("number");
  if (tokenMatcher(token, StringToken)) return plain("string");
  if (tokenMatcher(token, BinaryOperator)) return plain("operator");
  if ([Arrow, Equals, Tilde].includes(tokenType)) return plain("operator");
  // A word that no name accounts for has settled as a keyword: `input`, `over`, `where`.
  return tokenType === Identifier && contextualWords.has(token.image) ? plain("keyword") : null;
}

const contextualWords = new Set([
  "from",
  "where",
  "input",
  "sample",
  "minimize",
  "step",
  "metric",
  "over",
  "except",
  "with",
  "in",
]);

function kindOf({ occurrence: { isDefinition, target } }: NamedPlace, meaning: Meaning | null): Kind | null {
  if (meaning === null) return target.kind === "part" ? plain("property") : plain("variable");
  const declaration: SemanticToken["modifiers"] = isDefinition ? ["declaration"] : [];
  switch (meaning.kind) {
    case "local": {
      if (target.kind === "argument") return plain("property");
      const { kind } = meaning.local;
      if (kind === "size") return { type: "type", modifiers: declaration };
      const isParameter =
        kind === "setting" || kind === "block setting" || kind === "input" || kind === "sample";
      return { type: isParameter ? "parameter" : "variable", modifiers: declaration };
    }
    case "declaration":
      return meaning.declaration.kind === "const"
        ? { type: "variable", modifiers: [...declaration, "readonly"] }
        : { type: "class", modifiers: declaration };
    case "word":
    case "built in":
      return { type: "function", modifiers: ["defaultLibrary"] };
    case "word setting":
    case "part":
      return plain("property");
    case "label":
      return { type: "property", modifiers: ["declaration"] };
    case "choice":
      return plain("enumMember");
  }
}

function plain(type: SemanticToken["type"]): Kind {
  return { type, modifiers: [] };
}
