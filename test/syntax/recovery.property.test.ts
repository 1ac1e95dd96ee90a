/** Damage stays where it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lex } from "../../compiler/syntax/lexer/lexer.js";
import { parse } from "../../compiler/syntax/parse.js";
import { declarationTexts, programs } from "./support/programs.js";
import { withoutSpans } from "./support/spanless.js";

const seed = 2015;

/** Everything but the words that begin declarations. */
const strayTokens = fc.constantFrom(
  ...["x", "step", "input", "over", "1", '"', "(", ")", "[", "]", "{", "}", ",", ":", "=", "->"],
  ...["+", "-", "not", "if", "then", "else", "as", ".", "..", ";", "é", "2x", "~", "// c"],
);

/** The text without one of its tokens (or as it is), and with a stray one put in its place. */
function damaged(text: string, place: number, removes: boolean, stray: string): string {
  const { tokens } = lex(text, "f.net");
  // The first two tokens say which declaration this is.
  const index = 2 + (place % Math.max(1, tokens.length - 2));
  const token = tokens[index];
  const start = token?.startOffset ?? text.length;
  const end = removes && token !== undefined ? start + token.image.length : start;
  return `${text.slice(0, start)} ${stray} ${text.slice(end)}`;
}

function treesOf(text: string): unknown[] {
  const trees = withoutSpans(parse(text, "f.net").source);
  if (!Array.isArray(trees)) throw new Error("declarations are a list");
  return trees;
}

/** A declaration that parses alone. */
const sentence = declarationTexts.filter((text) => parse(text, "f.net").diagnostics.length === 0);

test("a damaged declaration leaves the ones around it as they are", () => {
  const damages = fc.tuple(fc.nat(), fc.boolean(), strayTokens);
  fc.assert(
    fc.property(sentence, sentence, sentence, damages, (first, second, third, [place, removes, stray]) => {
      const text = [first, damaged(second, place, removes, stray), third].join("\n");
      const trees = treesOf(text);
      expect(trees[0]).toEqual(treesOf(first)[0]);
      expect(trees.at(-1)).toEqual(treesOf(third)[0]);
    }),
    { seed, numRuns: 700 },
  );
});

describe("a half-typed line leaves everything else intact", () => {
  const body = (line: string): string =>
    `block A(n): x[N, C] {\n  a = x -> relu\n${line}  (b, c) = a -> f\n  g(a, b) -> h\n}\n`;
  const intact = treesOf(body(""))[0];

  test.each([
    ...["y", "y =", "y = x ->", "y = x +", "y = f(", "y = f(1,", "y = f(1, p=", "y = [1, 2", "y = x."],
    ...[
      "y = if n",
      "y = if n then",
      "y = if n == 1 then x else",
      "y = x as",
      "(y, z) =",
      "y = -",
      "y = f(g(x)",
    ],
    ...[
      "input",
      "input x",
      "input x[N,",
      "sample z[N] ~",
      "metric m =",
      "step s",
      "minimize",
      "minimize y with",
    ],
  ])("%s", (line) => {
    const [tree] = treesOf(body(`  ${line}\n`));
    const items = itemsOf(tree);
    const expected = itemsOf(intact);
    expect(items.slice(0, 1)).toEqual(expected.slice(0, 1));
    expect(items.slice(-2)).toEqual(expected.slice(-2));
  });
});

function itemsOf(tree: unknown): unknown[] {
  if (typeof tree !== "object" || tree === null) throw new Error("no declaration is left");
  const declaration = tree as { definition: { body: { items: unknown[] } } };
  return declaration.definition.body.items;
}

test("any text at all gets a tree and diagnostics with spans inside it", () => {
  const pieces = fc.oneof(
    strayTokens,
    fc.constantFrom("net", "block", "train", "const", "import", "\n", "\t", " "),
  );
  const soup = fc.array(pieces, { maxLength: 60 }).map((several) => several.join(" "));
  const cut = fc.tuple(programs, fc.nat(), fc.nat()).map(([text, a, b]) => {
    const [start, end] = [a % (text.length + 1), b % (text.length + 1)].sort((left, right) => left - right);
    return text.slice(start, end);
  });
  fc.assert(
    fc.property(fc.oneof(soup, cut, fc.string({ unit: "binary", maxLength: 80 })), (text) => {
      const { source, diagnostics } = parse(text, "f.net");
      expect(source.span).toEqual({ file: "f.net", start: 0, end: text.length });
      for (const { span } of diagnostics) {
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.end).toBeGreaterThanOrEqual(span.start);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
    }),
    { seed, numRuns: 1500 },
  );
});
