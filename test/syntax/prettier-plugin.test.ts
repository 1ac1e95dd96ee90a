/** The plugin through Prettier's own API: it prints what `tulle fmt` prints. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import * as prettier from "prettier";
import { expect, test } from "vitest";
import { format } from "../../compiler/syntax/format.js";
import { parse } from "../../compiler/syntax/parse.js";
import * as plugin from "../../compiler/syntax/prettier-plugin.js";
import { programs } from "./support/programs.js";
import { commentTexts, withoutSpans } from "./support/spanless.js";

const prettified = (text: string, options: prettier.Options = {}): Promise<string> =>
  prettier.format(text, { filepath: "random.net", plugins: [plugin], ...options });

function formatted(text: string): string {
  const result = format(text, "random.net");
  if ("diagnostics" in result) throw new Error(`cannot be parsed:\n${text}`);
  return result.text;
}

const sentences = programs.filter((text) => parse(text, "random.net").diagnostics.length === 0);

test("random programs: the same as `tulle fmt`, no comment or meaning lost, the same again", async () => {
  await fc.assert(
    fc.asyncProperty(sentences, async (text) => {
      const once = await prettified(text);
      expect(once).toBe(formatted(text));
      expect(await prettified(once)).toBe(once);
      const again = parse(once, "random.net").source;
      const before = parse(text, "random.net").source;
      expect(commentTexts(again)).toEqual(commentTexts(before));
      expect(withoutSpans(again)).toEqual(withoutSpans(before));
    }),
    { seed: 1998, numRuns: 100 },
  );
});

test("the examples are laid out this way already", async () => {
  const folder = join(import.meta.dirname, "..", "..", "dsl-examples");
  const examples = readdirSync(folder).filter((name) => name.endsWith(".net"));
  expect(examples.length).toBeGreaterThan(20);
  for (const name of examples) {
    const text = readFileSync(join(folder, name), "utf8");
    expect(await prettified(text), name).toBe(text);
  }
});

const untidy = "net A:x[N,4]->[N,2]{h=x->dense( 3 )\nh->dense( 2 )} // two";
const tidy = "net A: x[N, 4] -> [N, 2] {\n  h = x -> dense(3)\n  h -> dense(2)\n} // two\n";

test("a project's other layout does not change this one, its line ends do", async () => {
  expect(await prettified(untidy)).toBe(tidy);
  expect(await prettified(untidy, { printWidth: 20, tabWidth: 8, useTabs: true })).toBe(tidy);
  expect(await prettified(untidy, { endOfLine: "crlf" })).toBe(tidy.replaceAll("\n", "\r\n"));
  expect(await prettified(tidy.replaceAll("\n", "\r\n"))).toBe(tidy);
});

test("files of other kinds and empty files", async () => {
  expect(await prettified("")).toBe("");
  expect(await prettified("// only this")).toBe("// only this\n");
  expect((await prettier.getFileInfo("lenet.net", { plugins: [plugin] })).inferredParser).toBe("tulle");
  expect((await prettier.getFileInfo("lenet.html", { plugins: [plugin] })).inferredParser).toBe("html");
});

test("a mistake is told at its place", async () => {
  const mistaken = "net A: x[N, 4] -> [N, 2] {\n  x -> dense(2 -> relu\n}\n";
  await expect(prettified(mistaken)).rejects.toMatchObject({
    name: "SyntaxError",
    loc: { start: { line: 2 } },
    message: expect.stringContaining("random.net:2:"),
  });
});
