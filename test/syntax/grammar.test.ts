import { expect, test } from "vitest";
import { Grammar } from "../../compiler/syntax/grammar/grammar.js";

test("the grammar is unambiguous with two tokens of lookahead", () => {
  expect(() => new Grammar({ skipValidations: false })).not.toThrow();
});
