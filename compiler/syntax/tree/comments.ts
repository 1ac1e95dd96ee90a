/**
 * Comment tokens -> comments, sorted into documentation and the rest.
 *
 * `///` on lines of their own belong to the declaration or item that begins after them;
 * anywhere else they are ordinary comments, and so is `////...`.
 */
import type { IToken } from "chevrotain";
import type { Comment } from "../ast.js";
import { columnOf } from "../lexer/tokens.js";
import { spanOfToken } from "./cst.js";

/** The `///` lines above a token, by where it starts. */
export type Documentation = ReadonlyMap<number, readonly IToken[]>;

export function findDocumentation(tokens: readonly IToken[], comments: readonly IToken[]): Documentation {
  const documentation = new Map<number, IToken[]>();
  let next = 0;
  for (const comment of comments) {
    if (!isDocumentation(comment)) continue;
    while (next < tokens.length && tokens[next]!.startOffset < comment.startOffset) next++;
    const following = tokens[next];
    const previous = tokens[next - 1];
    const line = comment.startOffset - columnOf(comment);
    if (following === undefined || (previous !== undefined && previous.startOffset >= line)) continue;
    const group = documentation.get(following.startOffset);
    if (group === undefined) documentation.set(following.startOffset, [comment]);
    else group.push(comment);
  }
  return documentation;
}

function isDocumentation(comment: IToken): boolean {
  return /^\/\/\/(?!\/)/.test(comment.image);
}

/** What a `///` says, or with another marker what stands behind that. */
export function toComment(token: IToken, marker: "//" | "///", file: string): Comment {
  return { span: spanOfToken(token, file), text: token.image.slice(marker.length) };
}
