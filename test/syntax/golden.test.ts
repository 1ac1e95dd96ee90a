/** Every `.net` file under `cases` against the text beside it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostic } from "../../compiler/diagnostics/render.js";
import { format } from "../../compiler/syntax/format.js";
import { parse } from "../../compiler/syntax/parse.js";
import { printAst } from "../../compiler/syntax/print-ast.js";
import { expectGolden } from "../support/golden.js";

const cases = join(import.meta.dirname, "cases");

interface Case {
  readonly file: string;
  readonly text: string;
  readonly expected: string;
}

function casesOf(folder: string): Case[] {
  return readdirSync(join(cases, folder))
    .filter((file) => file.endsWith(".net"))
    .map((file) => ({
      file,
      text: readFileSync(join(cases, folder, file), "utf8"),
      expected: join(cases, folder, file.replace(/\.net$/, ".txt")),
    }));
}

describe("syntax trees", () => {
  test.each(casesOf("ast"))("$file", ({ file, text, expected }) => {
    const { source, diagnostics } = parse(text, file);
    expect(diagnostics).toEqual([]);
    expectGolden(expected, printAst(source));
  });
});

describe("syntax errors, and the tree that is left", () => {
  test.each(casesOf("errors"))("$file", ({ file, text, expected }) => {
    const { source, diagnostics } = parse(text, file);
    const rendered = diagnostics.map((diagnostic) =>
      renderDiagnostic(diagnostic, () => text, { color: false }),
    );
    expectGolden(expected, [...rendered, printAst(source)].join("\n"));
  });
});

describe("formatting", () => {
  test.each(casesOf("format"))("$file", ({ file, text, expected }) => {
    const result = format(text, file);
    expect(result).toHaveProperty("text");
    if ("text" in result) {
      expectGolden(expected, result.text);
      expect(format(result.text, file)).toEqual(result);
    }
  });
});

test.each(["lenet", "resnet18", "inception", "dcgan", "autoencoder-tied"])(
  "the language's own example %s is formatted already",
  (name) => {
    const text = readFileSync(join(cases, "format", `${name}.net`), "utf8");
    expect(format(text, name)).toEqual({ text });
  },
);
