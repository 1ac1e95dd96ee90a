/** The TextMate grammar colours real files as the language service would. */
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { format } from "prettier";
import { beforeAll, expect, test } from "vitest";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";
import { textMateGrammar } from "../../compiler/language-service/textmate.js";
import { createLanguageService } from "../../compiler/language-service/index.js";
import { expectGolden } from "../support/golden.js";
import { examples, readExample } from "./support.js";

const { INITIAL, Registry, parseRawGrammar } = textmate;

const grammarText = `${JSON.stringify(textMateGrammar(), null, 2)}\n`;
let grammar: textmate.IGrammar;

beforeAll(async () => {
  await oniguruma.loadWASM(
    readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm")),
  );
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) =>
      Promise.resolve(scope === "source.tulle" ? parseRawGrammar(grammarText, "tulle.json") : null),
  });
  const loaded = await registry.loadGrammar("source.tulle");
  if (loaded === null) throw new Error("the grammar cannot be read");
  grammar = loaded;
});

/** The innermost scope at every offset of a text. */
function scopesOf(text: string): readonly string[] {
  const scopes = Array<string>(text.length).fill("");
  let stack = INITIAL;
  let offset = 0;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    for (const { startIndex, endIndex, scopes: all } of tokens) {
      scopes.fill(all.at(-1) ?? "", offset + startIndex, offset + Math.min(endIndex, line.length));
    }
    stack = ruleStack;
    offset += line.length + 1;
  }
  return scopes;
}

test("the extension holds the grammar of the words there are", async () => {
  const path = join(import.meta.dirname, "../../editor/vscode/syntaxes/tulle.tmLanguage.json");
  expectGolden(path, await format(grammarText, { parser: "json", printWidth: 110 }));
});

/** What the grammar must call a token that the language service knows the meaning of. */
const expected: Readonly<Partial<Record<string, RegExp>>> = {
  comment: /^comment/,
  number: /^constant\.numeric/,
  string: /^string/,
  keyword: /^keyword|^constant\.language/,
};

test.each(readdirSync(examples).filter((name) => name.endsWith(".net")))("%s", (name) => {
  const text = readExample(name);
  const scopes = scopesOf(text);
  const service = createLanguageService({ readFile: readExample, root: "" });
  const wrong = service.semanticTokens(name).flatMap(({ start, end, type, modifiers }) => {
    const isWord = type === "function" && modifiers.includes("defaultLibrary");
    const pattern = isWord ? /^support\.function/ : expected[type];
    const scope = scopes[start] ?? "";
    return pattern === undefined || pattern.test(scope) ? [] : [`${text.slice(start, end)} is ${scope}`];
  });
  expect(wrong).toEqual([]);
});
