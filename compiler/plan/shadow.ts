/**
 * Shadow memory: for every byte, the name of the content that was last written there.
 *
 * Invariant: segments are sorted, disjoint, and cover the whole memory.
 */

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

export interface ShadowMemory {
  readonly write: (start: number, end: number, content: string) => void;
  /** The contents that lie in a range, each once. */
  readonly contentsOf: (start: number, end: number) => readonly string[];
}

export function createShadowMemory(bytes: number, content: string): ShadowMemory {
  let segments: readonly Segment[] = [{ start: 0, end: bytes, content }];
  return {
    write: (start, end, written) => {
      if (start >= end) return;
      const before = segments
        .filter((segment) => segment.start < start)
        .map((segment) => ({ ...segment, end: Math.min(segment.end, start) }));
      const after = segments
        .filter((segment) => segment.end > end)
        .map((segment) => ({ ...segment, start: Math.max(segment.start, end) }));
      segments = [...before, { start, end, content: written }, ...after];
    },
    contentsOf: (start, end) => [
      ...new Set([
        ...segments
          .filter((segment) => segment.start < end && start < segment.end)
          .map((segment) => segment.content),
        ...(start < 0 || end > bytes ? ["no memory"] : []),
      ]),
    ],
  };
}
