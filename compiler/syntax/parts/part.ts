/**
 * Parts of a text that are parsed one by one: the frame of each declaration, and the items of its body.
 *
 * Invariant: what a part gives follows from its tokens, the lines it stands on, and the documentation
 * above it. As long as these are the same, it gives the very same tree.
 */
import type { IToken } from "chevrotain";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Grammar } from "../grammar/grammar.js";
import { explainErrors } from "../grammar/messages.js";
import type { Stretch } from "../layout/stretches.js";
import { endOfLines, lineIndexAt, textBetween, type Line } from "../lexer/lines.js";
import { toComment, type Documentation } from "../tree/comments.js";
import type { TreeContext } from "../tree/cst.js";

export interface Part<T> {
  readonly tokens: readonly IToken[];
  /** All that it stands on, also those between its tokens. */
  readonly lines: readonly Line[];
  readonly documentation: readonly Documented[];
  /** null when it cannot be read by itself. */
  readonly tree: T | null;
  /** What the parser reported. */
  readonly parserDiagnostics: readonly Diagnostic[];
  /** What building the tree reported. */
  readonly builderDiagnostics: readonly Diagnostic[];
}

/** The `///` lines that were asked for at a place; there may be none. */
interface Documented {
  readonly place: number;
  readonly comments: readonly IToken[];
}

export interface PartContext {
  readonly file: string;
  readonly lines: readonly Line[];
  readonly documentation: Documentation;
  readonly grammar: Grammar;
}

/** How one kind of part is parsed and built. */
export type Reader<T> = (grammar: Grammar, tokens: readonly IToken[], context: TreeContext) => T | null;

/** The place of its first token. */
export function startOf({ tokens }: Pick<Part<unknown>, "tokens">): number {
  return tokens[0]!.startOffset;
}

/** Parses a stretch of tokens, unless it is one of those that are `known`. */
export function readPart<T>(
  { tokens, end }: Stretch,
  known: readonly Part<T>[] | undefined,
  read: Reader<T>,
  context: PartContext,
): Part<T> {
  const { file, documentation, grammar } = context;
  const first = lineIndexAt(context.lines, tokens[0]!.startOffset);
  const last = lineIndexAt(context.lines, end);
  const standsOnSame = ({ lines }: Part<T>): boolean =>
    lines.length === last + 1 - first &&
    lines.every((line, index) => isSameLine(line, context.lines[first + index]!));
  const same = known?.find((one) => standsOnSame(one) && isSame(one, tokens, documentation));
  if (same !== undefined) return same;

  const documented: Documented[] = [];
  const builderDiagnostics: Diagnostic[] = [];
  const tree = read(grammar, tokens, {
    file,
    textBetween: (from, to) => textBetween(context.lines, from, to),
    report: (diagnostic) => builderDiagnostics.push(diagnostic),
    takeDocumentation: (place) => {
      const comments = documentation.get(place) ?? [];
      documented.push({ place, comments });
      return comments.map((comment) => toComment(comment, "///", file));
    },
  });
  const parserDiagnostics = explainErrors(grammar.errors, endOfLines(context.lines), file);
  const lines = context.lines.slice(first, last + 1);
  return { tokens, lines, documentation: documented, tree, parserDiagnostics, builderDiagnostics };
}

function isSame<T>(known: Part<T>, tokens: readonly IToken[], documentation: Documentation): boolean {
  return (
    areSame(known.tokens, tokens) &&
    known.documentation.every(({ place, comments }) => areSame(comments, documentation.get(place) ?? []))
  );
}

function isSameLine(left: Line, right: Line): boolean {
  return (
    left === right ||
    (left.start === right.start && left.text === right.text && left.lineEnd === right.lineEnd)
  );
}

/** The layout makes markers and keywords anew each time. */
function isSameToken(left: IToken, right: IToken): boolean {
  return (
    left === right ||
    (left.tokenType === right.tokenType &&
      left.startOffset === right.startOffset &&
      left.image === right.image)
  );
}

function areSame(left: readonly IToken[], right: readonly IToken[]): boolean {
  return left.length === right.length && left.every((token, index) => isSameToken(token, right[index]!));
}
