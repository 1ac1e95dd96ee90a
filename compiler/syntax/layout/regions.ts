/**
 * One mistake, one error: what follows in the same item or header is most likely its
 * consequence, and is not shown.
 */
import type { IToken } from "chevrotain";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { DeclarationEnd, ItemStart } from "../lexer/tokens.js";

/**
 * The first diagnostic of every item and every header, in source order. Lexical ones
 * come before others, because an unclosed string hides the brackets after it.
 */
export function firstOfEachRegion(
  lexical: readonly Diagnostic[],
  others: readonly Diagnostic[],
  declarations: readonly (readonly IToken[])[],
): readonly Diagnostic[] {
  if (lexical.length + others.length === 0) return [];
  const starts = declarations.flatMap(regionStarts);
  const first = new Map<number, Diagnostic>();
  for (const diagnostics of [lexical, others]) {
    let region = -1;
    for (const diagnostic of sorted(diagnostics)) {
      while (region + 1 < starts.length && starts[region + 1]! <= diagnostic.span.start) region++;
      if (!first.has(region)) first.set(region, diagnostic);
    }
  }
  return sorted([...first.values()]);
}

function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort((left, right) => left.span.start - right.span.start);
}

function regionStarts(declaration: readonly IToken[]): number[] {
  return declaration
    .filter(({ tokenType }, index) => index === 0 || tokenType === ItemStart || tokenType === DeclarationEnd)
    .map(({ startOffset }) => startOffset);
}
