/**
 * Chains of arrows.
 *
 * What the author wrote on one line stays on one line if it fits, else every stage gets
 * its own. What the author wrote on several lines stays on those lines, so that a net
 * keeps its drawing; the arrow stands at the start of a line.
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
}

export function printChain(chain: ArrowExpression, context: ChainContext): Doc {
  const { text, comments, print, setIn } = context;
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
  return [opening, setIn(rest.map((line) => [doc.hardline, doc.group(doc.join(doc.line, line))]))];
}
