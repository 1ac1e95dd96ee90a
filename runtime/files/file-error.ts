/**
 * How a file's mistakes are told: which file, what was expected and found, at which
 * byte, and what to do.
 *
 * Invariant: text taken from a file reaches a message only through `quote`, so a
 * hostile name can neither flood nor repaint a terminal.
 */
import { UserError } from "../program/user-error.js";

/** A UserError about a file: `weights.safetensors: the header is cut short (byte 8)`. */
export function fileError(source: string, problem: string, where: number | null, advice = ""): UserError {
  const place = where === null ? "" : ` (byte ${where})`;
  return new UserError(`${quoteSource(source)}: ${problem}${place}`, advice);
}

/** A name from a file as it may be printed: in quotes, on one line, control characters escaped, cut at 80. */
export function quote(text: string): string {
  return `"${escapeUnprintable(shorten(text, 80)).replaceAll('"', '\\"')}"`;
}

function quoteSource(source: string): string {
  return escapeUnprintable(shorten(source, 200));
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}...`;
}

/** Everything that does not leave a mark of its own: controls, formatting and lone surrogates. */
function escapeUnprintable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
