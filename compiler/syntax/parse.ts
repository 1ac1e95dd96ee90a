/**
 * The road from text to syntax tree.
 *
 * Before: any text at all. After: a well-typed tree, in which what could not be read is
 * missing, and at most one diagnostic for every item and every declaration's header.
 */
import type { IToken } from "chevrotain";
import type { Comment, SourceFile } from "./ast.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { Grammar } from "./grammar/grammar.js";
import { layOut } from "./layout/layout.js";
import { fileTooLong, nestingTooDeep, tooManyTokens } from "./layout/limits.js";
import { firstOfEachRegion } from "./layout/regions.js";
import { lazily } from "./lexer/lazily.js";
import { joined } from "./lexer/lexer.js";
import { endOfLines, plainLines, textBetween, type Line } from "./lexer/lines.js";
import { declarationsOf, partsOf, readDeclaration, type DeclarationParts } from "./parts/declaration.js";
import { type Parts, allParts, goneParts, joinedParts, knownParts, noParts } from "./parts/known.js";
import { findDocumentation, toComment } from "./tree/comments.js";

export interface ParseResult {
  readonly source: SourceFile;
  /** In source order. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What parsing gave, with all that parsing the text again after an edit can keep. */
export interface ParsedLines extends ParseResult {
  readonly declarations: readonly DeclarationParts[];
  /** What was read before and is gone, the last first: people take back what they have typed. */
  readonly gone: Parts;
}

const grammar = lazily(() => new Grammar({ skipValidations: true }));

/** Parses a `.net` file. `file` is the name that spans carry. Never throws for any text. */
export function parse(text: string, file: string): ParseResult {
  return refuseLongText(text, file) ?? parseLines(plainLines(text, file), file, null);
}

/** What is said of a text that is too long to be cut into lines; null for others. */
export function refuseLongText(text: string, file: string): ParsedLines | null {
  const tooLong = fileTooLong(text, file);
  return tooLong === null ? null : refused(text.length, file, tooLong);
}

/** Parses lines of a text that is not too long. What `last` knows about the same lines is kept. */
export function parseLines(lines: readonly Line[], file: string, last: ParsedLines | null): ParsedLines {
  const end = endOfLines(lines);
  const { tokens, comments, diagnostics: lexical } = joined(lines.map((line) => line.lexed()));
  const tooMany = tooManyTokens(tokens, file);
  if (tooMany !== null) return refused(end, file, tooMany);

  const layout: Diagnostic[] = [];
  const laidOut = layOut(tokens, {
    file,
    textBetween: (from, to) => textBetween(lines, from, to),
    report: (diagnostic) => layout.push(diagnostic),
  });
  for (const declaration of laidOut) {
    const tooDeep = nestingTooDeep(declaration, file);
    if (tooDeep !== null) return refused(end, file, tooDeep);
  }

  const documentation = findDocumentation(tokens, comments);
  const before = last === null ? noParts : joinedParts(allParts(last.declarations), last.gone);
  const known = knownParts(before);
  const context = { file, lines, documentation, grammar: grammar() };
  const declarations = laidOut.map((declaration) => readDeclaration(declaration, known, context));
  const parts = declarations.flatMap(partsOf);
  const found = [
    ...layout,
    ...parts.flatMap(({ parserDiagnostics }) => parserDiagnostics),
    ...parts.flatMap(({ builderDiagnostics }) => builderDiagnostics),
  ];
  const documented = parts.flatMap((part) => part.documentation.flatMap((taken) => taken.comments));
  const source: SourceFile = {
    span: { file, start: 0, end },
    declarations: declarations.flatMap(declarationsOf),
    comments: others(comments, documented, file),
  };
  return {
    source,
    diagnostics: firstOfEachRegion(lexical, found, laidOut),
    declarations,
    gone: goneParts(before, parts),
  };
}

/** The comments that are no documentation. */
function others(
  comments: readonly IToken[],
  documented: readonly IToken[],
  file: string,
): readonly Comment[] {
  // A part that was kept may have lexed them before they were lexed again.
  const taken = new Set(documented.map(({ startOffset }) => startOffset));
  return comments
    .filter(({ startOffset }) => !taken.has(startOffset))
    .map((comment) => toComment(comment, "//", file));
}

function refused(end: number, file: string, why: Diagnostic): ParsedLines {
  const source: SourceFile = { span: { file, start: 0, end }, declarations: [], comments: [] };
  return { source, diagnostics: [why], declarations: [], gone: noParts };
}
