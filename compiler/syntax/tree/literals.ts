/** Single tokens -> literals and names. */
import type { IToken } from "chevrotain";
import type { Expression, StringLiteral } from "../ast.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { ClosedString, False, MalformedNumber, PlainNumber, True, UnclosedString } from "../lexer/tokens.js";
import { missing, spanOfToken } from "./cst.js";
import type { TreeContext } from "./cst.js";

export function buildLiteral(token: IToken, context: TreeContext): Expression {
  const span = spanOfToken(token, context.file);
  switch (token.tokenType) {
    case PlainNumber:
      return buildNumber(token.image, span, context);
    case ClosedString:
      return buildString(token, context) ?? missing(span);
    case True:
    case False:
      return { kind: "boolean", span, value: token.tokenType === True };
    case MalformedNumber:
    case UnclosedString:
      return missing(span);
    default:
      return { kind: "name", span, name: token.image };
  }
}

/** A string token, closed or not; null for any other. There are no escapes. */
export function buildString(token: IToken, context: TreeContext): StringLiteral | null {
  if (token.tokenType !== ClosedString && token.tokenType !== UnclosedString) return null;
  const end = token.tokenType === ClosedString ? -1 : undefined;
  return { kind: "string", span: spanOfToken(token, context.file), value: token.image.slice(1, end) };
}

function buildNumber(image: string, span: Span, context: TreeContext): Expression {
  const value = Number(image);
  const isInteger = /^\d+$/.test(image);
  if (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value)) {
    return { kind: "number", span, value, isInteger };
  }
  const limit = isInteger ? "Integers go up to 9007199254740991 (2^53 - 1)." : "Numbers go up to 1.8e308.";
  context.report(diagnostic("limit", span, "this number is too large", { notes: [limit] }));
  return missing(span);
}
