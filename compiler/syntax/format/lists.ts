/**
 * Lists in brackets: on one line if they fit, else one element per line, with the
 * closing bracket behind the last one.
 */
import { doc } from "./builders.js";
import type { Doc } from "./builders.js";
import { afterComma, commentText, leadingComments, trailingComment } from "./comments.js";
import type { CommentPool } from "./comments.js";

export interface ListElement {
  readonly span: { readonly start: number; readonly end: number };
  readonly print: () => Doc;
}

export interface ListLayout {
  readonly open: string;
  readonly close: string;
  /** The offset behind the opening bracket. */
  readonly from: number;
  /** The offset of the closing bracket, where it is known. */
  readonly to?: number;
  /** Spaces inside the brackets, and the closing one on a line of its own. */
  readonly isSpacious?: boolean;
}

export function printList(elements: readonly ListElement[], layout: ListLayout, comments: CommentPool): Doc {
  const { open, close, from, to, isSpacious = false } = layout;
  const edge = isSpacious ? doc.line : doc.softline;
  const parts: Doc[] = [];
  let position = from;
  let endsWithComment = false;
  for (const [index, element] of elements.entries()) {
    const isLast = index === elements.length - 1;
    const leading = leadingComments(comments.take(position, element.span.start));
    const printed = element.print();
    const trailing = comments.takeTrailing(element.span.end, afterComma);
    position = element.span.end;
    endsWithComment = trailing !== null;
    parts.push(index === 0 ? edge : doc.line);
    parts.push(leading, printed, isLast ? "" : ",", trailingComment(trailing));
  }
  const dangling = to === undefined ? [] : comments.take(position, to);
  for (const comment of dangling) parts.push(doc.hardline, commentText(comment));
  if (parts.length === 0) return `${open}${close}`;
  const beforeClose = endsWithComment || dangling.length > 0 ? doc.hardline : isSpacious ? doc.line : "";
  return doc.group([open, doc.indent(parts), beforeClose, close]);
}
