/** Hostile input gets a diagnostic, never an exception. */
import { expect, test } from "vitest";
import {
  maximumFileLength,
  maximumLines,
  maximumNesting,
  maximumTokens,
} from "../../compiler/syntax/layout/limits.js";
import { parse } from "../../compiler/syntax/parse.js";

function inBody(text: string): string {
  return `block A: x[N] {\n  ${text}\n}`;
}

function codes(text: string): string[] {
  return parse(text, "hostile.net").diagnostics.map((diagnostic) => diagnostic.code);
}

const many = 10_000;

test.each([
  ["parentheses", inBody(`y = ${"(".repeat(90_000)}`)],
  ["balanced parentheses", inBody(`y = ${"(".repeat(many)}x${")".repeat(many)}`)],
  ["brackets of both kinds that never match", inBody(`y = ${"(]".repeat(many)}`)],
  ["lists", inBody(`y = ${"[".repeat(many)}`)],
  ["ifs", inBody(`y = ${"if a then b else ".repeat(4000)}c`)],
  ["steps", `train t { ${"step s { ".repeat(5000)}`],
  ["a sum", inBody(`y = 1${" + 1".repeat(many)}`)],
  ["minus signs", inBody(`y = ${"- ".repeat(many)}1`)],
  ["nots", inBody(`y = ${"not ".repeat(many)}a`)],
  ["members", inBody(`y = a${".b".repeat(many)}`)],
  ["calls", inBody(`y = f${"(1)".repeat(5000)}`)],
  ["a file of too many characters", `// ${"-".repeat(maximumFileLength)}`],
  ["a file of too many lines", "\r\n".repeat(maximumLines)],
  ["a file of too many tokens", "const a = 1\n".repeat(maximumTokens / 4 + 1)],
])("%s", (_, text) => {
  expect(codes(text)).toEqual(["limit"]);
});

test.each([
  ["closing brackets", ")".repeat(many)],
  ["half-typed bindings", inBody("y =\n".repeat(2000))],
  ["misspelt declarations", "nett A\n".repeat(2000)],
  ["commas", inBody(`y = f(${",".repeat(many)})`)],
  ["pairs of commas", inBody(`y = f(${"a,,".repeat(4000)})`)],
  ["strings that never end", '"\n'.repeat(many)],
  ["one name", `net ${"a".repeat(500_000)}`],
])("many mistakes: %s", (_, text) => {
  expect(codes(text)).not.toContain("limit");
  expect(codes(text).length).toBeGreaterThan(0);
});

test("what stays below the limits is accepted", () => {
  expect(codes("\r\n".repeat(maximumLines - 1))).toEqual([]);
  const nested = maximumNesting - 1;
  expect(codes(inBody(`y = ${"(".repeat(nested)}x${")".repeat(nested)}`))).toEqual([]);
  expect(codes(inBody(`x${" -> relu".repeat(5000)}`))).toEqual([]);
  expect(codes(inBody(`f(${"1 + 2, ".repeat(5000)})`))).toEqual([]);
  expect(codes(inBody("y = f(g(x)) + 1\n".repeat(5000)))).toEqual([]);
});
