/**
 * The TextMate grammar, for editors that colour before the language server has started.
 *
 * Written from the words of the language and its library, so that a new word is coloured the
 * day it exists. `UPDATE_GOLDEN=1 npx vitest run test/language-service/grammar.test.ts` writes it
 * into the extension.
 */
import { library } from "../library/index.js";
import { declarationWords, itemWords } from "../syntax/layout/words.js";

export interface TextMateRule {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly name?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  readonly beginCaptures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly TextMateRule[];
}

export interface TextMateGrammar {
  readonly name: string;
  readonly scopeName: string;
  readonly fileTypes: readonly string[];
  readonly patterns: readonly TextMateRule[];
}

const identifier = "[A-Za-z_][A-Za-z0-9_]*";

export function textMateGrammar(): TextMateGrammar {
  const words = [...library.values()].map(({ name }) => name);
  return {
    name: "Tulle",
    scopeName: "source.tulle",
    fileTypes: ["net"],
    patterns: [
      { match: "///(?!/).*$", name: "comment.line.documentation.tulle" },
      { match: "//.*$", name: "comment.line.double-slash.tulle" },
      {
        begin: '"',
        end: '"|$',
        name: "string.quoted.double.tulle",
        patterns: [{ match: '\\{[^{}"]*\\}', name: "constant.character.placeholder.tulle" }],
      },
      {
        match: `(?<!\\w)(net|block|train)\\s+(${identifier})`,
        captures: { 1: keyword("declaration"), 2: { name: "entity.name.type.tulle" } },
      },
      {
        match: `(?<!\\w)(const)\\s+(${identifier})`,
        captures: { 1: keyword("declaration"), 2: { name: "variable.other.constant.tulle" } },
      },
      { match: anyOf([...declarationWords.keys()]), ...keyword("declaration") },
      { match: anyOf(["if", "then", "else"]), ...keyword("control") },
      { match: anyOf(["and", "or", "not"]), ...keyword("operator.logical") },
      {
        match: `(?<!\\w)(as)\\s+(${identifier})`,
        captures: { 1: keyword("other"), 2: { name: "entity.name.tag.tulle" } },
      },
      { match: anyOf(["as"]), ...keyword("other") },
      { match: anyOf(["true", "false"]), name: "constant.language.tulle" },
      // Words that are keywords only where the grammar expects them.
      {
        match: `^\\s*(${[...itemWords.keys()].join("|")})(?=\\s+${identifier})`,
        captures: { 1: keyword("other") },
      },
      { match: `(?:^\\s*|(?<=[\\w)\\]}]\\s))(?:over|except|with|in|where|from)(?=\\s)`, ...keyword("other") },
      {
        match: "(?<!\\w)(?<!(?<!\\.)\\.)\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?(?!\\w)",
        name: "constant.numeric.tulle",
      },
      { match: `(?<=[(,]\\s?)(${identifier})(?=\\s*=(?!=))`, name: "variable.parameter.tulle" },
      { match: `(?<=\\.)${identifier}`, name: "variable.other.property.tulle" },
      { match: anyOf([...words, "repeat", "ceil", "floor"]), name: "support.function.tulle" },
      { match: "(?<!\\w)[A-Z][A-Za-z0-9_]*[a-z0-9_][A-Za-z0-9_]*(?!\\w)", name: "entity.name.type.tulle" },
      { match: "->", name: "keyword.operator.arrow.tulle" },
      { match: "==|!=|<=|>=|\\.\\.|[-+*/%<>=~]", name: "keyword.operator.tulle" },
    ],
  };
}

function keyword(kind: string): { readonly name: string } {
  return { name: `keyword.${kind}.tulle` };
}

function anyOf(words: readonly string[]): string {
  return `(?<![\\w.])(?:${words.join("|")})(?!\\w)`;
}
