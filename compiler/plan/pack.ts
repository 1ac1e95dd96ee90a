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

/** How many times the order is revised before giving up. */
const revisions = 200;

/** The best placement of the simple rules; stops early when it reaches `goal`. */
export function packGreedily(blocks: readonly Block[], goal: number = peakOf(blocks)): Placement {
  const neighbours = neighboursOf(blocks);
  let best: Placement | null = null;
  for (const order of ordersOf(blocks)) {
    const placement = improve(blocks, neighbours, order, goal);
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
  neighbours: readonly (readonly number[])[],
  order: readonly number[],
  goal: number,
): Placement {
  let current = [...order];
  let best: Placement | null = null;
  let waiting = 0;
  for (let round = 0; round < revisions && waiting < 30; round++) {
    const offsets = placeInOrder(blocks, neighbours, current);
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
function placeInOrder(
  blocks: readonly Block[],
  neighbours: readonly (readonly number[])[],
  order: readonly number[],
): number[] {
  const offsets = new Array<number>(blocks.length).fill(-1);
  for (const index of order) {
    const placed = neighbours[index]!.filter((other) => offsets[other]! >= 0);
    placed.sort((left, right) => offsets[left]! - offsets[right]!);
    let offset = 0;
    for (const other of placed) {
      if (offset + blocks[index]!.size <= offsets[other]!) break;
      offset = Math.max(offset, offsets[other]! + blocks[other]!.size);
    }
    offsets[index] = offset;
  }
  return offsets;
}

/** For every block, those that are needed at the same time. */
function neighboursOf(blocks: readonly Block[]): number[][] {
  return blocks.map((block, index) =>
    blocks.flatMap((other, position) =>
      position !== index && overlapInTime(block, other) ? [position] : [],
    ),
  );
}
