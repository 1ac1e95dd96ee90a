/**
 * Sections: the moments at which a largest set of blocks is needed together. Only these
 * matter for packing, since every other moment needs a subset of one of them.
 */
import type { Block } from "./block.js";

export interface Sections {
  readonly count: number;
  /** The first and last section of every block. */
  readonly first: readonly number[];
  readonly last: readonly number[];
  /** Per section, the sum of the sizes of its blocks. */
  readonly totals: Float64Array;
}

/** Numbers the sections in order of time; blocks cover a consecutive range of them. */
export function sectionsOf(blocks: readonly Block[]): Sections {
  const starts = [...new Set(blocks.map((block) => block.start))].sort((left, right) => left - right);
  const ends = [...new Set(blocks.map((block) => block.end))].sort((left, right) => left - right);
  // A section lies between a start and the first end after it: the last start before an end.
  const moments: number[] = [];
  let next = 0;
  for (const end of ends) {
    let moment: number | null = null;
    while (next < starts.length && starts[next]! < end) moment = starts[next++]!;
    if (moment !== null) moments.push(moment);
  }
  const first = blocks.map((block) => lowerBound(moments, block.start));
  const last = blocks.map((block) => lowerBound(moments, block.end) - 1);
  const totals = new Float64Array(moments.length);
  blocks.forEach(({ size }, block) => {
    for (let s = first[block]!; s <= last[block]!; s++) totals[s] = totals[s]! + size;
  });
  return { count: moments.length, first, last, totals };
}

/** The index of the first moment at or after `time`. */
function lowerBound(moments: readonly number[], time: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
