/**
 * Declarations and items, one below the other, with the comments between them and at
 * most one blank line where the author left some.
 */
import type { Comment } from "../ast.js";
import { doc, isTall } from "./builders.js";
import type { Doc } from "./builders.js";
import { afterSpace, commentText } from "./comments.js";
import type { FormatContext } from "./expressions.js";

export interface SequenceElement {
  readonly span: { readonly start: number; readonly end: number };
  readonly documentation: readonly Comment[];
  readonly print: () => Doc;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly document: Doc;
  /** Documentation is never cut off from what it documents. */
  readonly belongsToNext: boolean;
  readonly isElement: boolean;
  /** What is tall is set off from its neighbours by blank lines. */
  readonly isTall: boolean;
}

export interface SequenceLayout {
  /** The range of offsets in which the comments of the sequence stand. */
  readonly from: number;
  readonly to: number;
  /** Whether elements of several lines are always set off by blank lines. */
  readonly isAiry: boolean;
}

/** The lines of a sequence, without a line end; null when there is nothing at all. */
export function printSequence(
  elements: readonly SequenceElement[],
  layout: SequenceLayout,
  context: FormatContext,
): Doc | null {
  const pieces: Piece[] = [];
  let position = layout.from;
  for (const element of elements) {
    pieces.push(...elementPieces(element, position, layout, context));
    position = element.span.end;
  }
  pieces.push(...context.comments.take(position, layout.to).map(commentPiece));
  if (pieces.length === 0) return null;
  return pieces.map((piece, index) => {
    const previous = pieces[index - 1];
    if (previous === undefined) return piece.document;
    const isBlank = !isJoined(previous, piece) && isSetOff(pieces, index, context.text);
    return [isBlank ? [doc.hardline, doc.hardline] : doc.hardline, piece.document];
  });
}

function elementPieces(
  element: SequenceElement,
  position: number,
  layout: SequenceLayout,
  context: FormatContext,
): Piece[] {
  const { span } = element;
  const comments = context.comments.take(position, span.start).map(commentPiece);
  const documentation = element.documentation.map(documentationPiece);
  const above = [...comments, ...documentation].sort((left, right) => left.start - right.start);

  const printed = element.print();
  const homeless = context.comments
    .take(span.start, span.end)
    .map((comment) => ({ ...commentPiece(comment), ...nowhere(span.start), belongsToNext: true }));
  const trailing = context.comments.takeTrailing(span.end, afterSpace);
  return [
    ...above,
    ...homeless,
    {
      start: span.start,
      end: trailing?.span.end ?? span.end,
      document: trailing === null ? printed : [printed, doc.lineSuffix(` ${commentText(trailing)}`)],
      belongsToNext: false,
      isElement: true,
      isTall: layout.isAiry && isTall(printed),
    },
  ];
}

function nowhere(offset: number): { start: number; end: number } {
  return { start: offset, end: offset };
}

function commentPiece(comment: Comment): Piece {
  return {
    start: comment.span.start,
    end: comment.span.end,
    document: commentText(comment),
    belongsToNext: false,
    isElement: false,
    isTall: false,
  };
}

function documentationPiece(comment: Comment): Piece {
  return { ...commentPiece(comment), document: `///${comment.text}`.trimEnd(), belongsToNext: true };
}

/** Documentation keeps to what it documents; paragraphs of documentation keep apart. */
function isJoined(previous: Piece, piece: Piece): boolean {
  const isComment = !piece.isElement && piece.end > piece.start;
  return previous.belongsToNext && !isComment;
}

/** Whether a blank line stands between a piece and the one before it. */
function isSetOff(pieces: readonly Piece[], index: number, text: string): boolean {
  const previous = pieces[index - 1]!;
  const between = text.slice(previous.end, pieces[index]!.start);
  if (/(?:\r\n|\n|\r(?!\n))[ \t]*(?:\r\n|\n|\r)/.test(between)) return true;
  if (!previous.isElement) return false;
  const following = pieces.slice(index).find((piece) => piece.isElement);
  return previous.isTall || following?.isTall === true;
}
