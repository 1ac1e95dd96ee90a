import fc from "fast-check";
import { expect, test } from "vitest";
import { format } from "../../compiler/syntax/format.js";
import { parse } from "../../compiler/syntax/parse.js";
import { programs } from "./support/programs.js";
import { commentTexts, withoutSpans } from "./support/spanless.js";

const runs = { seed: 1998, numRuns: 500 };

function formatted(text: string): string {
  const result = format(text, "random.net");
  if ("diagnostics" in result) throw new Error(`cannot be parsed again:\n${text}`);
  return result.text;
}

function isSentence(text: string): boolean {
  return parse(text, "random.net").diagnostics.length === 0;
}

test("random programs are nearly all sentences", () => {
  const texts = fc.sample(programs, { seed: 1998, numRuns: 300 });
  expect(texts.filter(isSentence).length).toBeGreaterThan(200);
});

test("formatting keeps the meaning", () => {
  fc.assert(
    fc.property(programs.filter(isSentence), (text) => {
      const again = parse(formatted(text), "random.net").source;
      expect(withoutSpans(again)).toEqual(withoutSpans(parse(text, "random.net").source));
    }),
    runs,
  );
});

test("formatting loses no comment", () => {
  fc.assert(
    fc.property(programs.filter(isSentence), (text) => {
      const again = parse(formatted(text), "random.net").source;
      expect(commentTexts(again)).toEqual(commentTexts(parse(text, "random.net").source));
    }),
    runs,
  );
});

test("formatting twice changes nothing", () => {
  fc.assert(
    fc.property(programs.filter(isSentence), (text) => {
      const once = formatted(text);
      expect(formatted(once)).toBe(once);
    }),
    runs,
  );
});
