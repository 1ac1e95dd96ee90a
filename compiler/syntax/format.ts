/**
 * The formatter: one layout for every file, on Prettier's document printer.
 *
 * Formatting keeps the meaning and every comment, and formatting twice changes nothing.
 */
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { SourceFile } from "./ast.js";
import { printDocument } from "./format/builders.js";
import { createCommentPool } from "./format/comments.js";
import { printDeclaration } from "./format/declarations.js";
import { printSequence } from "./format/sequence.js";
import { parse } from "./parse.js";

/** The formatted text, or why the file cannot be parsed. */
export type FormatResult = { readonly text: string } | { readonly diagnostics: readonly Diagnostic[] };

export function format(text: string, file: string): FormatResult {
  const { source, diagnostics } = parse(text, file);
  if (diagnostics.some((diagnostic) => diagnostic.severity === "error")) return { diagnostics };
  return { text: printSource(source, text) };
}

/** The one layout of a file without errors; empty for a file without anything. */
export function printSource(source: SourceFile, text: string): string {
  const context = { text, comments: createCommentPool(text, source.comments) };
  const elements = source.declarations.map((declaration) => ({
    span: declaration.span,
    documentation: declaration.documentation,
    print: () => printDeclaration(declaration, context),
  }));
  const lines = printSequence(elements, { from: 0, to: text.length + 1, isAiry: true }, context);
  return lines === null ? "" : `${printDocument(lines).trimEnd()}\n`;
}
