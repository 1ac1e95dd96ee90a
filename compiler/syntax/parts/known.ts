/**
 * What earlier parses of a text have read: the parts that are still there, and the last of those that
 * are gone.
 */
import type { Declaration } from "../ast.js";
import type { DeclarationParts, KnownParts, ReadItem } from "./declaration.js";
import { type Part, startOf } from "./part.js";

export interface Parts {
  readonly frames: readonly Part<readonly Declaration[]>[];
  readonly items: readonly Part<ReadItem>[];
}

/** Parts that are kept when others have taken their place: what was typed last. */
const mostReplaced = 4;

export const noParts: Parts = { frames: [], items: [] };

export function allParts(declarations: readonly DeclarationParts[]): Parts {
  return {
    frames: declarations.map(({ frame }) => frame),
    items: declarations.flatMap(({ items }) => items ?? []),
  };
}

export function joinedParts(some: Parts, others: Parts): Parts {
  return { frames: [...some.frames, ...others.frames], items: [...some.items, ...others.items] };
}

/** Those that are not among the parts of the text as it is now. */
export function goneParts({ frames, items }: Parts, now: readonly Part<unknown>[]): Parts {
  const kept = new Set(now);
  const gone = <T>(parts: readonly Part<T>[]): readonly Part<T>[] => {
    const others = parts.filter((part) => !kept.has(part));
    // Where nothing has taken their place, as in a declaration that is parsed whole, all may come back.
    return others.slice(0, Math.max(mostReplaced, parts.length - now.length));
  };
  return { frames: gone(frames), items: gone(items) };
}

/** Parts by where they start, the last first. */
export function knownParts({ frames, items }: Parts): KnownParts {
  return { frames: byStart(frames), items: byStart(items) };
}

function byStart<T>(parts: readonly Part<T>[]): ReadonlyMap<number, readonly Part<T>[]> {
  const found = new Map<number, Part<T>[]>();
  for (const part of parts) {
    const start = startOf(part);
    const same = found.get(start);
    if (same === undefined) found.set(start, [part]);
    else same.push(part);
  }
  return found;
}
