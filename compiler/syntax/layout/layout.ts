/**
 * The layout of a file: where declarations and items begin and end, found before the
 * parser runs, so that damage in one never reaches another.
 *
 * Before: any tokens. After: declarations that begin with their word, with balanced
 * brackets, marked items, and contextual words settled.
 */
import type { IToken } from "chevrotain";
import { balanceBrackets } from "./brackets.js";
import { cutIntoDeclarations } from "./declarations.js";
import { withImportBraces } from "./imports.js";
import { markItems } from "./items.js";
import type { LayoutContext } from "./words.js";

/** The laid-out tokens of each declaration. */
export function layOut(tokens: readonly IToken[], context: LayoutContext): readonly IToken[][] {
  return cutIntoDeclarations(tokens, context).map((piece) =>
    markItems(balanceBrackets(withImportBraces(piece, context), context), context),
  );
}
