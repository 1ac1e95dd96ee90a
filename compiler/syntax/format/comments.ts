/**
 * The comments that wait to be printed. Every printing function takes those in its part
 * of the text; what nobody takes is printed above the item it stands in, so none is lost.
 */
import { doc } from "./builders.js";
import type { Doc } from "./builders.js";
import type { Comment } from "../ast.js";

export interface CommentPool {
  /** Takes the comments that begin in a range of offsets. */
  readonly take: (from: number, to: number) => readonly Comment[];
  /** Takes the comment on the line of `offset`, with nothing but `between` before it. */
  readonly takeTrailing: (offset: number, between: RegExp) => Comment | null;
  /** Whether a comment in a range still waits. */
  readonly has: (from: number, to: number) => boolean;
}

/** Only white space stands between. */
export const afterSpace = /^[ \t]*$/;
/** The comma of the list may stand between. */
export const afterComma = /^[ \t]*,?[ \t]*$/;
/** The next arrow may stand between. */
export const afterArrow = /^[ \t]*(?:->)?[ \t]*$/;

export function createCommentPool(text: string, comments: readonly Comment[]): CommentPool {
  const taken = new Set<Comment>();

  /** The index of the first comment that begins at or after an offset. */
  const firstFrom = (offset: number): number => {
    let low = 0;
    let high = comments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comments[middle]!.span.start < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const waiting = (from: number, to: number): Comment[] => {
    const found: Comment[] = [];
    for (let index = firstFrom(from); index < comments.length; index++) {
      const comment = comments[index]!;
      if (comment.span.start >= to) break;
      if (!taken.has(comment)) found.push(comment);
    }
    return found;
  };

  return {
    has: (from, to) => waiting(from, to).length > 0,
    take: (from, to) => {
      const found = waiting(from, to);
      for (const comment of found) taken.add(comment);
      return found;
    },
    takeTrailing: (offset, between) => {
      const comment = comments[firstFrom(offset)];
      if (comment === undefined || taken.has(comment)) return null;
      if (!between.test(text.slice(offset, comment.span.start))) return null;
      taken.add(comment);
      return comment;
    },
  };
}

/** A comment as it is written: a `///` that documents nothing becomes `//`. */
export function commentText(comment: Comment): string {
  const documentsNothing = /^\/(?!\/)/.test(comment.text);
  const text = documentsNothing ? comment.text.slice(1) : comment.text;
  return `//${text}`.trimEnd();
}

/** A comment at the end of the line; what follows it goes to the next one. */
export function trailingComment(comment: Comment | null): Doc {
  return comment === null ? "" : [doc.lineSuffix(` ${commentText(comment)}`), doc.breakParent];
}

/** Comments on lines of their own, each followed by a line end. */
export function leadingComments(comments: readonly Comment[]): Doc {
  return comments.map((comment) => [commentText(comment), doc.hardline]);
}
