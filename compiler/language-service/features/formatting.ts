/** Formatting as one edit, which leaves alone what is right already. */
import { format } from "../../syntax/format.js";
import type { Edit } from "../types.js";

/** null when the file has a syntax error, and stays as it is. */
export function formattingOf(text: string, path: string): readonly Edit[] | null {
  const result = format(text, path);
  if ("diagnostics" in result) return null;
  const formatted = result.text;
  if (formatted === text) return [];
  let start = 0;
  const shortest = Math.min(text.length, formatted.length);
  while (start < shortest && text[start] === formatted[start]) start += 1;
  let same = 0;
  while (same < shortest - start && text.at(-1 - same) === formatted.at(-1 - same)) same += 1;
  // An edit between the halves of a character or of a line end would tear it apart.
  while (start > 0 && isTorn(text, start)) start -= 1;
  while (same > 0 && isTorn(text, text.length - same)) same -= 1;
  return [{ start, end: text.length - same, text: formatted.slice(start, formatted.length - same) }];
}

function isTorn(text: string, offset: number): boolean {
  const before = text.charCodeAt(offset - 1);
  return (before >= 0xd800 && before <= 0xdbff) || (text[offset - 1] === "\r" && text[offset] === "\n");
}
