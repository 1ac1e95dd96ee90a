/** Where two lists begin to differ, seen from either end. */

/** How many elements are the same at the start and at the end. */
export interface SameEnds {
  readonly head: number;
  readonly tail: number;
}

export function sameEnds<Before, After>(
  before: readonly Before[],
  after: readonly After[],
  isSameElement: (before: Before, after: After) => boolean,
): SameEnds {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isSameElement(before[head]!, after[head]!)) head += 1;
  let tail = 0;
  const isSameAtEnd = (): boolean =>
    isSameElement(before[before.length - 1 - tail]!, after[after.length - 1 - tail]!);
  while (tail < shorter - head && isSameAtEnd()) tail += 1;
  return { head, tail };
}
