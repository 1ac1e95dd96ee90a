/**
 * Placement by simple rules: blocks one after another, each as low as it fits. The order
 * decides, so several are tried, and then improved by promoting the blocks that stick out
 * ("squeaky wheel" optimization; Joslin and Clements, 1999).
 */
import { type Block, extentOf, overlapInTime, peakOf } from "./block.js";

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
  for (const order of ordersOf(blocks)) {
    const placement = improve(blocks, order, goal, rounds, avoid);
    if (best === null || placement.extent < best.extent) best = placement;
    if (best.extent <= goal) break;
  }
  return best ?? { offsets: [], extent: 0 };
}

/** Orders to try: by size, by area in time and memory, by duration, by time. */
function ordersOf(blocks: readonly Block[]): number[][] {
  const duration = (index: number) => blocks[index]!.end - blocks[index]!.start;
  const size = (index: number) => blocks[index]!.size;
  const keys: ((index: number) => number)[] = [
    (index) => size(index),
    (index) => size(index) * duration(index),
    (index) => duration(index),
    (index) => -blocks[index]!.start,
    (index) => blocks[index]!.end,
  ];
  return keys.map((key) =>
    blocks.map((_, index) => index).sort((left, right) => key(right) - key(left) || size(right) - size(left)),
  );
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
    const promoted = new Set(current.filter(sticksOut));
    current = promote(current, promoted);
  }
  return best ?? { offsets: [], extent: 0 };
}

/** Moves each promoted block half the way to the front. */
function promote(order: readonly number[], promoted: ReadonlySet<number>): number[] {
  const rank = new Map(order.map((index, position) => [index, position]));
  const key = (index: number) => (promoted.has(index) ? rank.get(index)! / 2 - 0.25 : rank.get(index)!);
  return [...order].sort((left, right) => key(left) - key(right));
}

/** Each block at the lowest offset where it fits between those placed before it. */
function placeInOrder(blocks: readonly Block[], order: readonly number[], avoid: Avoid): number[] {
  const offsets = new Array<number>(blocks.length).fill(-1);
  /** Indices of the blocks placed so far, by offset. */
  const placed: number[] = [];
  for (const index of order) {
    const block = blocks[index]!;
    let offset = avoid(0, block.size);
    for (const other of placed) {
      const otherOffset = offsets[other]!;
      if (offset + block.size <= otherOffset) break;
      const otherBlock = blocks[other]!;
      if (overlapInTime(block, otherBlock)) {
        offset = avoid(Math.max(offset, otherOffset + otherBlock.size), block.size);
      }
    }
    offsets[index] = offset;
    placed.splice(firstAtOrAbove(placed, offsets, offset), 0, index);
  }
  return offsets;
}

/** The position of the first block, among blocks sorted by offset, that lies at an offset or above it. */
function firstAtOrAbove(sorted: readonly number[], offsets: readonly number[], offset: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets[sorted[middle]!]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
