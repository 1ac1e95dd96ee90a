/** "Did you mean ...?": the candidate nearest to a misspelt name. */

const longestName = 64;

/**
 * The candidate that `name` was probably meant to be, or null when none is near enough.
 * Near means at most one edit for every three letters; a difference of case alone always is.
 * Ties go to the earlier candidate.
 */
export function closest(name: string, candidates: Iterable<string>): string | null {
  if (name.length === 0 || name.length > longestName) return null;
  const lowered = name.toLowerCase();
  const threshold = Math.max(1, Math.floor(name.length / 3));
  let best: string | null = null;
  let bestDistance = threshold + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > threshold) continue;
    const distance = editDistance(lowered, candidate.toLowerCase());
    // One edit in a name of one or two letters makes any other name of that length.
    if (distance >= Math.min(name.length, candidate.length)) continue;
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps
 * of neighbours (Damerau 1964).
 */
export function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = left[row - 1] === right[column - 1] ? 0 : 1;
      let distance = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + substitution,
      );
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, beforePrevious[column - 2]! + 1);
      current.push(distance);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length]!;
}
