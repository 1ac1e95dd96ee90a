/** Walks back from a size to where it came from, one line per step. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { Dimension } from "../../sizes/dimension.js";
import { format, variablesOf } from "../../sizes/size.js";
import { type Checker, placeOf, textOf } from "../checker.js";

const maximumSteps = 4;

/** The text of origins of sizes that a signature declares. */
export const declaredHere = "declared here";

/**
 * `main got its 28 at line 9:   conv(128, 3, stride=2, pad=1)   56 -> ... = 28`, then the
 * steps before it, down to the declaration.
 */
export function walkBack(checker: Checker, name: string, dimension: Dimension, from: Span): string[] {
  const lines: string[] = [];
  let current: Dimension | undefined = dimension;
  while (current !== undefined && lines.length < maximumSteps) {
    const { origin, size }: Dimension = current;
    if (origin.span === null) break;
    const place = placeOf(checker, origin.span, from);
    const isFirst = lines.length === 0;
    if (origin.from.length === 0 && origin.text === declaredHere) {
      lines.push(
        isFirst
          ? `${name} has had its ${format(size)} since ${place}`
          : `the ${format(size)} is declared at ${place}`,
      );
      break;
    }
    const subject = isFirst ? name : "which";
    const code = shortened(textOf(checker, origin.span), 48);
    const arithmetic = origin.text.length <= 100 ? `   ${origin.text}` : "";
    lines.push(`${subject} got its ${shortened(format(size), 48)} at ${place}:   ${code}${arithmetic}`);
    current = mostTelling(current);
  }
  return lines;
}

/** Of the sizes that one was computed from, the one with a history of its own. */
function mostTelling({ size, origin }: Dimension): Dimension | undefined {
  const isSymbolic = variablesOf(size).length > 0;
  return origin.from.find((from) => !isSymbolic || variablesOf(from.size).length > 0) ?? origin.from[0];
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}
