/**
 * One mistake, one error: what follows in the same item or header is most likely its
 * consequence, and is not shown.
 */
import type { IToken } from "chevrotain";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { DeclarationEnd, ItemStart } from "../lexer/tokens.js";
import { declarationWords } from "./words.js";

/** The first diagnostic of every item and every header, in source order. */
export function firstOfEachRegion(
  diagnostics: readonly Diagnostic[],
  laidOut: readonly IToken[],
): readonly Diagnostic[] {
  if (diagnostics.length === 0) return diagnostics;
  const starts = regionStarts(laidOut);
  const sorted = [...diagnostics].sort((left, right) => left.span.start - right.span.start);
  const first: Diagnostic[] = [];
  let region = -1;
  let lastRegion: number | null = null;
  for (const diagnostic of sorted) {
    while (region + 1 < starts.length && starts[region + 1]! <= diagnostic.span.start) region++;
    if (region === lastRegion) continue;
    lastRegion = region;
    first.push(diagnostic);
  }
  return first;
}

function regionStarts(laidOut: readonly IToken[]): number[] {
  const words = new Set(declarationWords.values());
  const begins = (token: IToken, index: number): boolean => {
    if (token.tokenType === ItemStart || token.tokenType === DeclarationEnd) return true;
    const previous = laidOut[index - 1]?.tokenType;
    return words.has(token.tokenType) && (previous === undefined || previous === DeclarationEnd);
  };
  return laidOut.filter(begins).map((token) => token.startOffset);
}
