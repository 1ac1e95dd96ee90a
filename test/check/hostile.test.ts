/** Damaged files get messages, never exceptions. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test as property, fc } from "../sizes/property.js";
import { checkText, examples, here, rendered } from "./support.js";

const texts = [examples, "cases"].flatMap((folder) =>
  readdirSync(join(here, folder))
    .filter((name) => name.endsWith(".net") && !/^(limit|googlenet|resnet50)/.test(name))
    .map((name) => readFileSync(join(here, folder, name), "utf8").replace(/^import.*$/gm, "")),
);

const words = [
  "->",
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "=",
  ",",
  "+",
  "/",
  "as",
  "if",
  "then",
  "else",
  "_",
  "0",
  "-1",
  "1.5",
];
const names = [
  "x",
  "N",
  "image",
  "conv",
  "relu",
  "repeat",
  "batch_norm",
  "concat",
  "adam",
  "constructor",
  "__proto__",
  "Net",
];

interface Damage {
  readonly kind: "delete" | "double" | "swap" | "insert";
  readonly at: number;
  readonly word: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom("delete", "double", "swap", "insert"),
  at: fc.nat(),
  word: fc.constantFrom(...words, ...names),
});

function inflict(text: string, damages: readonly Damage[]): string {
  const tokens = text.match(/\s+|\/\/.*|"[^"\n]*"|\w+|->|\.\.|[^\s\w]/g) ?? [];
  for (const { kind, at, word } of damages) {
    const index = at % Math.max(1, tokens.length);
    const token = tokens[index] ?? "";
    if (kind === "delete") tokens.splice(index, 1);
    else if (kind === "double") tokens.splice(index, 0, token, " ");
    else if (kind === "swap") tokens[index] = word;
    else tokens.splice(index, 0, ` ${word} `);
  }
  return tokens.join("");
}

describe("damaged files", () => {
  property(
    [fc.constantFrom(...texts), fc.array(damage, { minLength: 1, maxLength: 4 })],
    "are answered with messages that can be shown",
    (text, damages) => {
      const result = checkText(inflict(text, damages));
      rendered(result);
      const hasErrors = result.diagnostics.some(({ severity }) => severity === "error");
      expect(result.model === null).toBe(hasErrors);
    },
  );
});
