/**
 * Comment tokens -> comments, sorted into documentation and the rest.
 *
 * `///` on lines of their own belong to the declaration or item that begins after them;
 * anywhere else they are ordinary comments, and so is `////...`.
 */
import type { IToken } from "chevrotain";
import type { Comment } from "../ast.js";
import { endOf } from "../lexer/tokens.js";
import { spanOfToken } from "./cst.js";

export interface Comments {
  /** The documentation above the token at this offset; each comment is given out once. */
  readonly takeDocumentation: (offset: number) => readonly Comment[];
  /** The comments that nobody took, in source order. */
  readonly rest: () => readonly Comment[];
}

export function sortComments(
  text: string,
  file: string,
  tokens: readonly IToken[],
  comments: readonly IToken[],
): Comments {
  const documentation = new Map<number, IToken[]>();
  let next = 0;
  for (const comment of comments) {
    while (next < tokens.length && tokens[next]!.startOffset < comment.startOffset) next++;
    const following = tokens[next];
    if (following === undefined || !isDocumentation(comment)) continue;
    const previous = tokens[next - 1];
    const before = text.slice(previous === undefined ? 0 : endOf(previous), comment.startOffset);
    if (previous !== undefined && !/[\r\n]/.test(before)) continue;
    const group = documentation.get(following.startOffset);
    if (group === undefined) documentation.set(following.startOffset, [comment]);
    else group.push(comment);
  }

  const taken = new Set<IToken>();
  return {
    takeDocumentation: (offset) => {
      const group = documentation.get(offset) ?? [];
      for (const comment of group) taken.add(comment);
      return group.map((comment) => toComment(comment, "///", file));
    },
    rest: () =>
      comments.filter((comment) => !taken.has(comment)).map((comment) => toComment(comment, "//", file)),
  };
}

function isDocumentation(comment: IToken): boolean {
  return /^\/\/\/(?!\/)/.test(comment.image);
}

function toComment(token: IToken, marker: string, file: string): Comment {
  return { span: spanOfToken(token, file), text: token.image.slice(marker.length) };
}
