/** What to say about characters of other languages. */
import type { IToken } from "chevrotain";
import { quote } from "../../diagnostics/quote.js";
import { misplaced } from "./problem.js";
import type { Explanation } from "./problem.js";

const advices: ReadonlyMap<string, string> = new Map([
  [";", "Items need no separator; arguments are separated by commas."],
  ["&&", "Write `and`."],
  ["||", "Write `or`."],
  ["&", "Write `and`."],
  ["|", "Write `or`."],
  ["!", "Write `not`."],
  ["=>", "An arrow is written `->`."],
  ["|>", "An arrow is written `->`."],
  [">>", "An arrow is written `->`."],
  [":=", "A name is bound with `=`: y = x -> relu"],
  ["@", "A product with a matrix of weights is a layer: x -> dense(10)"],
  ["→", "An arrow is written `->`."],
  ["**", "There is no power operator: write a product."],
  ["^", "There is no power operator: write a product."],
  ["#", "A comment begins with `//`."],
  ["/*", "A comment begins with `//` and ends with its line."],
  ["?", "A choice is written `if c then a else b`."],
  ["'", 'A string stands between double quotes: "..."'],
  ["`", 'A string stands between double quotes: "..."'],
  ["“", 'A string stands between straight quotes: "..."'],
  ["”", 'A string stands between straight quotes: "..."'],
  ["×", "A product is written `*`."],
  ["{", "Braces stand only around the body of a block, a net, a train section or a step."],
  ["}", "Braces stand only around the body of a block, a net, a train section or a step."],
]);

/** `actual` is an `Unknown` token. */
export function explainForeign(actual: IToken): Explanation {
  const first = String.fromCodePoint(actual.image.codePointAt(0) ?? 0);
  const advice = advices.get(actual.image) ?? advices.get(first);
  if (advice !== undefined) return misplaced(`${quote(actual.image)} cannot stand here`, advice);
  const isLetter = /^\p{L}/u.test(actual.image);
  return misplaced(
    `${quote(actual.image)} means nothing here`,
    isLetter ? "Names are made of the letters a to z, digits and `_`." : "Remove it.",
  );
}
