/**
 * Shadow memory: for every byte, the name of the content that was last written there.
 *
 * Invariant: segments are sorted, disjoint, and cover the whole memory; each ends where
 * the next one starts.
 */

export interface ShadowMemory {
  readonly write: (start: number, end: number, content: string) => void;
  /** The contents that lie in a range, each once. */
  readonly contentsOf: (start: number, end: number) => readonly string[];
}

export function createShadowMemory(bytes: number, content: string): ShadowMemory {
  const starts = [0];
  const contents = [content];

  /** The index of the segment that a place lies in; the last one for places behind it. */
  function segmentAt(place: number): number {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= place) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Splits the segment around a place in two; the index of the one that starts there. */
  function splitAt(place: number): number {
    const index = segmentAt(place);
    if (place === starts[index]) return index;
    if (place < bytes) {
      starts.splice(index + 1, 0, place);
      contents.splice(index + 1, 0, contents[index]!);
    }
    return index + 1;
  }

  return {
    write: (start, end, written) => {
      const [from, to] = [Math.max(start, 0), Math.min(end, bytes)];
      if (from >= to) return;
      const first = splitAt(from);
      const last = splitAt(to);
      starts.splice(first, last - first, from);
      contents.splice(first, last - first, written);
    },
    contentsOf: (start, end) => {
      const found = new Set<string>();
      for (let index = segmentAt(start); index < starts.length && starts[index]! < end; index++) {
        found.add(contents[index]!);
      }
      if (start < 0 || end > bytes) found.add("no memory");
      return [...found];
    },
  };
}
