/** `import Name from "./file.net"`, as in JavaScript: reported, and read as if it had its braces. */
import type { IToken } from "chevrotain";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import {
  Comma,
  endOf,
  Identifier,
  Import,
  LeftBrace,
  markerBefore,
  markerBehind,
  RightBrace,
} from "../lexer/tokens.js";
import type { LayoutContext } from "./words.js";

/** The tokens of a declaration, with the braces of an import put in where only they are missing. */
export function withImportBraces(piece: readonly IToken[], context: LayoutContext): readonly IToken[] {
  if (piece[0]!.tokenType !== Import || piece[1]?.tokenType !== Identifier) return piece;
  const from = piece.findIndex((token, index) => index > 1 && token.image === "from");
  const names = piece.slice(1, from);
  if (from < 0 || !names.every(({ tokenType }) => tokenType === Identifier || tokenType === Comma))
    return piece;
  const [first, last] = [names[0]!, names.at(-1)!];
  const [start, end] = [first.startOffset, endOf(last)];
  const text = `{ ${context.textBetween(start, end)} }`;
  const span = { file: context.file, start, end };
  context.report(
    diagnostic("syntax", span, "the names to import stand in braces", {
      suggestion: { message: `Write import ${text} from ...`, edits: [{ span, text }] },
    }),
  );
  return [
    piece[0]!,
    markerBefore(LeftBrace, first),
    ...names,
    markerBehind(RightBrace, last),
    ...piece.slice(from),
  ];
}
