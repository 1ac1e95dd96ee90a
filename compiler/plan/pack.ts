/**
 * Placement by simple rules: blocks one after another, each as low as it fits. The order
 * decides, so several are tried, and then improved by promoting the blocks that stick out
 * ("squeaky wheel" optimization; Joslin and Clements, 1999).
 */
import { type Block, extentOf, peakOf } from "./block.js";

export interface Placement {
  /** Of each block, in the order given. */
  readonly offsets: readonly number[];
  readonly extent: number;
}

type Avoid = NonNullable<PackingOptions["avoid"]>;

/** How many times the order is revised before giving up, and for how long without success. */
const revisions = 200;
const patience = 30;

/** Of many blocks fewer orders are tried: each takes up to blocks^2 / 2 comparisons. */
const mostComparisons = 2e7;

export interface PackingOptions {
  /** An extent that is good enough; by default the lower bound. */
  readonly goal?: number;
  /** The first offset, from one on, where a block of a size may lie; any by default. */
  readonly avoid?: (offset: number, size: number) => number;
}

/** The best placement of the simple rules; stops early when it reaches the goal. */
export function packGreedily(
  blocks: readonly Block[],
  { goal = peakOf(blocks), avoid = (offset) => offset }: PackingOptions = {},
): Placement {
  const rounds = Math.min(revisions, Math.ceil(mostComparisons / Math.max(1, blocks.length ** 2 / 2)));
  let best: Placement | null = null;
  for (const key of orderKeys(blocks)) {
    const placement = improve(blocks, orderBy(key, blocks), goal, rounds, avoid);
    if (best === null || placement.extent < best.extent) best = placement;
    if (best.extent <= goal) break;
  }
  return best ?? { offsets: [], extent: 0 };
}

/** What to order blocks by: size, area in time and memory, duration, time. */
function orderKeys(blocks: readonly Block[]): readonly ((index: number) => number)[] {
  const duration = (index: number) => blocks[index]!.end - blocks[index]!.start;
  const size = (index: number) => blocks[index]!.size;
  return [
    (index) => size(index),
    (index) => size(index) * duration(index),
    (index) => duration(index),
    (index) => -blocks[index]!.start,
    (index) => blocks[index]!.end,
  ];
}

/** The largest key first; of equals the largest block. */
function orderBy(key: (index: number) => number, blocks: readonly Block[]): number[] {
  return blocks
    .map((_, index) => index)
    .sort((left, right) => key(right) - key(left) || blocks[right]!.size - blocks[left]!.size);
}

/** Places in this order, then moves the blocks that reach beyond the goal ahead, again and again. */
function improve(
  blocks: readonly Block[],
  order: readonly number[],
  goal: number,
  rounds: number,
  avoid: Avoid,
): Placement {
  let current = [...order];
  let best: Placement | null = null;
  let waiting = 0;
  for (let round = 0; round < rounds && waiting < patience; round++) {
    const offsets = placeInOrder(blocks, current, avoid);
    const extent = extentOf(blocks, offsets);
    waiting = best === null || extent < best.extent ? 0 : waiting + 1;
    if (best === null || extent < best.extent) best = { offsets, extent };
    if (best.extent <= goal) break;
    const sticksOut = (index: number) => offsets[index]! + blocks[index]!.size > goal;
    current = promote(current, sticksOut);
  }
  return best ?? { offsets: [], extent: 0 };
}

/** Moves each promoted block half the way to the front. */
function promote(order: readonly number[], isPromoted: (index: number) => boolean): number[] {
  const promoted = [...order.keys()].filter((position) => isPromoted(order[position]!));
  const result: number[] = [];
  let next = 0;
  for (let position = 0; position < order.length; position++) {
    while (next < promoted.length && promoted[next]! < 2 * position + 0.5) {
      result.push(order[promoted[next++]!]!);
    }
    if (!isPromoted(order[position]!)) result.push(order[position]!);
  }
  return result;
}

/** Each block at the lowest offset where it fits between those placed before it. */
function placeInOrder(blocks: readonly Block[], order: readonly number[], avoid: Avoid): number[] {
  const offsets = new Array<number>(blocks.length).fill(-1);
  // The blocks placed so far, by offset. In columns, because this is most of the work of planning.
  const starts = new Int32Array(blocks.length);
  const ends = new Int32Array(blocks.length);
  const bottoms = new Float64Array(blocks.length);
  const tops = new Float64Array(blocks.length);
  for (let placed = 0; placed < order.length; placed++) {
    const index = order[placed]!;
    const { start, end, size } = blocks[index]!;
    let offset = avoid(0, size);
    for (let other = 0; other < placed && bottoms[other]! < offset + size; other++) {
      // Both differences are negative when the two overlap in time: one branch where two are often foreseen wrongly.
      const overlapInTime = ((starts[other]! - end) & (start - ends[other]!)) < 0;
      if (overlapInTime && tops[other]! > offset) offset = avoid(tops[other]!, size);
    }
    offsets[index] = offset;
    const place = firstAtOrAbove(bottoms, placed, offset);
    for (const column of [starts, ends, bottoms, tops]) column.copyWithin(place + 1, place, placed);
    starts[place] = start;
    ends[place] = end;
    bottoms[place] = offset;
    tops[place] = offset + size;
  }
  return offsets;
}

/** The position of the first of `count` ascending offsets that is this one or above it. */
function firstAtOrAbove(ascending: Float64Array, count: number, offset: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
