/**
 * Chains of arrows.
 *
 * A chain stands on one line if it fits, else on the lines on which its author put the
 * stages; a line that is still too long is broken before every arrow. The result of a
 * body always keeps its author's lines, because it is the drawing of the net.
 */
import { doc } from "./builders.js";
import type { Doc } from "./builders.js";
import type { ArrowExpression, Expression } from "../ast.js";
import { afterArrow, leadingComments, trailingComment } from "./comments.js";
import type { CommentPool } from "./comments.js";

export interface ChainContext {
  readonly text: string;
  readonly comments: CommentPool;
  readonly print: (stage: Expression) => Doc;
  /** How lines after the first are set in. */
  readonly setIn: (lines: Doc) => Doc;
  /** Whether the author's lines stay even where one line would do. */
  readonly keepsLines: boolean;
}

export function printChain(chain: ArrowExpression, context: ChainContext): Doc {
  const { text, comments, print, setIn, keepsLines } = context;
  // One entry for each line of the author's.
  const lines: Doc[][] = [];
  for (const [index, stage] of chain.stages.entries()) {
    const previous = chain.stages[index - 1];
    const next = chain.stages[index + 1];
    const startsLine =
      previous !== undefined && /[\r\n]/.test(text.slice(previous.span.end, stage.span.start));
    const leading = previous === undefined ? [] : comments.take(previous.span.end, stage.span.start);
    const printed = print(stage);
    const trailing = next === undefined ? null : comments.takeTrailing(stage.span.end, afterArrow);
    const parts = [
      leadingComments(leading),
      previous === undefined ? "" : "-> ",
      printed,
      trailingComment(trailing),
    ];
    const line = lines.at(-1);
    if (line === undefined || startsLine) lines.push([parts]);
    else line.push(parts);
  }
  const [first = [], ...rest] = lines;
  const [start = "", ...others] = first;
  const opening = doc.group([start, setIn(others.map((stage) => [doc.line, stage]))]);
  const edge = keepsLines ? doc.hardline : doc.line;
  return doc.group([opening, setIn(rest.map((line) => [edge, doc.group(doc.join(doc.line, line))]))]);
}
