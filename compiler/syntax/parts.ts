/**
 * Parts of a text that are parsed one by one: the frame of each declaration, and the items of its body.
 *
 * Invariant: what a part gives follows from its tokens, the lines it stands on, and the documentation
 * above it. As long as these are the same, it gives the very same tree.
 */
import type { IToken } from "chevrotain";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Grammar } from "./grammar/grammar.js";
import { explainErrors } from "./grammar/messages.js";
import type { Stretch } from "./layout/stretches.js";
import { endOfLines, lineIndexAt, textBetween, type Line } from "./lexer/lines.js";
import { toComment, type Documentation } from "./tree/comments.js";
import type { TreeContext } from "./tree/cst.js";

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

/** Parses a stretch of tokens, unless it is what is `known`. */
export function readPart<T>(
  { tokens, end }: Stretch,
  known: Part<T> | undefined,
  read: Reader<T>,
  context: PartContext,
): Part<T> {
  const { file, documentation, grammar } = context;
  const first = lineIndexAt(context.lines, tokens[0]!.startOffset);
  const lines = context.lines.slice(first, lineIndexAt(context.lines, end) + 1);
  if (known !== undefined && isSame(known, tokens, lines, documentation)) return known;

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
  return { tokens, lines, documentation: documented, tree, parserDiagnostics, builderDiagnostics };
}

function isSame<T>(
  known: Part<T>,
  tokens: readonly IToken[],
  lines: readonly Line[],
  documentation: Documentation,
): boolean {
  return (
    areSame(known.lines, lines, Object.is) &&
    areSame(known.tokens, tokens, isSameToken) &&
    known.documentation.every(({ place, comments }) =>
      areSame(comments, documentation.get(place) ?? [], Object.is),
    )
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

function areSame<T>(
  left: readonly T[],
  right: readonly T[],
  isSameElement: (left: T, right: T) => boolean,
): boolean {
  return (
    left.length === right.length && left.every((element, index) => isSameElement(element, right[index]!))
  );
}
