/**
 * The road from text to syntax tree.
 *
 * Before: any text at all. After: a well-typed tree, in which what could not be read is
 * missing, and at most one diagnostic for every item and every declaration's header.
 */
import type { SourceFile } from "./ast.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { Grammar } from "./grammar/grammar.js";
import { explainErrors } from "./grammar/messages.js";
import { layOut } from "./layout/layout.js";
import { fileTooLong, nestingTooDeep, tooManyTokens } from "./layout/limits.js";
import { firstOfEachRegion } from "./layout/regions.js";
import { lazily } from "./lexer/lazily.js";
import { lex } from "./lexer/lexer.js";
import { sortComments } from "./tree/comments.js";
import { buildDeclarations } from "./tree/declarations.js";

export interface ParseResult {
  readonly source: SourceFile;
  /** In source order. */
  readonly diagnostics: readonly Diagnostic[];
}

const grammar = lazily(() => new Grammar({ skipValidations: true }));

/** Parses a `.net` file. `file` is the name that spans carry. Never throws for any text. */
export function parse(text: string, file: string): ParseResult {
  const tooLong = fileTooLong(text, file);
  if (tooLong !== null) return refused(text, file, tooLong);

  const { tokens, comments, diagnostics: lexical } = lex(text, file);
  const tooMany = tooManyTokens(tokens, file);
  if (tooMany !== null) return refused(text, file, tooMany);
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => {
    diagnostics.push(diagnostic);
  };

  const laidOut = layOut(tokens, { text, file, report });
  const tooDeep = nestingTooDeep(laidOut, file);
  if (tooDeep !== null) return refused(text, file, tooDeep);

  const parser = grammar();
  parser.input = [...laidOut];
  const tree = parser.file();
  for (const error of explainErrors(parser.errors, text, file)) report(error);

  const sorted = sortComments(text, file, tokens, comments);
  const { takeDocumentation } = sorted;
  const declarations = buildDeclarations(tree, { file, text, report, takeDocumentation });
  const source: SourceFile = {
    span: { file, start: 0, end: text.length },
    declarations,
    comments: sorted.rest(),
  };
  return { source, diagnostics: firstOfEachRegion(lexical, diagnostics, laidOut) };
}

function refused(text: string, file: string, why: Diagnostic): ParseResult {
  const source: SourceFile = { span: { file, start: 0, end: text.length }, declarations: [], comments: [] };
  return { source, diagnostics: [why] };
}
