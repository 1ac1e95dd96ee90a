/**
 * Exact placement into a given capacity, by branch and bound over canonical placements
 * (Moffitt, "MiniMalloc: A Lightweight Memory Allocator for Hardware-Accelerated Machine
 * Learning", 2023): blocks are placed from the ground up, each at the lowest place
 * that the ones below leave, so a skyline describes everything placed.
 *
 * Invariant: the result is a valid placement within the capacity. `null` means that there is
 * none or that the budget ran out. The budget counts work, not time, so the same blocks
 * give the same placement on every machine.
 */
import type { Block } from "./block.js";
import { sectionsOf } from "./sections.js";

/**
 * Offsets of the blocks, all within `capacity`; null when none was found. Tries are short
 * and many, since a search that begins well ends soon and one that begins badly never does
 * (Gomes, Selman and Kautz, "Boosting Combinatorial Search through Randomization", 1998).
 *
 * @param budget the work to spend; 1e8 takes about a second
 */
export function searchPlacement(
  blocks: readonly Block[],
  capacity: number,
  budget: number,
): readonly number[] | null {
  if (blocks.length === 0) return [];
  if (blocks.some((block) => block.size > capacity)) return null;
  const random = createRandom();
  const contexts = contextsOf(blocks);
  let remaining = budget;
  for (let round = 0; remaining > 0; round++) {
    const amount = round === 0 ? 0 : round % 2 === 0 ? 0.2 : 1;
    const noise = () => Math.exp(amount * (random() - 0.5));
    for (const rule of rules) {
      const allowance = Math.min(firstAllowance * (1 + round / 4), remaining);
      const ranks = rankBlocks(blocks.map((block, index) => rule(block, contexts[index]!, noise())));
      const search = createSearch(blocks, capacity, ranks, allowance);
      const outcome = search.run();
      if (outcome === "found") return search.offsets;
      if (outcome === "impossible") return null;
      remaining -= allowance;
    }
  }
  return null;
}

/** The work that the first tries may take. */
const firstAllowance = 2e6;

/** What is known about a block: the sections it covers, and the largest sum of sizes in one of them. */
interface BlockContext {
  readonly sections: number;
  readonly total: number;
}

type Rule = (block: Block, context: BlockContext, noise: number) => readonly [number, number];

/** Which block to try first where several can go to the same place: that with the larger keys. */
const rules: readonly Rule[] = [
  ({ start, end }, _, noise) => [end * noise, -start],
  ({ size }, { sections }, noise) => [sections * size * noise, size],
  (_, { sections, total }, noise) => [total, sections * noise],
  (_, { sections, total }, noise) => [sections * noise, total],
];

/** Numbers in [0, 1), the same in every run (a linear congruential generator; Numerical Recipes). */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Outcome = "found" | "impossible" | "exhausted";

/** Sections from first to last. */
interface Range {
  readonly first: number;
  readonly last: number;
}

interface Search {
  readonly offsets: readonly number[];
  readonly run: () => Outcome;
}

function createSearch(
  blocks: readonly Block[],
  capacity: number,
  rank: readonly number[],
  budget: number,
): Search {
  const { count: sectionCount, first, last, totals: initialTotals } = sectionsOf(blocks);
  const sizes = blocks.map((block) => block.size);
  const offsets = new Array<number>(blocks.length).fill(0);
  let work = 0;

  /** Solves the blocks in `open` above the skyline `floors`; `totals` are sums of open blocks per section. */
  function solve(
    open: readonly number[],
    floors: Float64Array,
    totals: Float64Array,
    lastOffset: number,
    lastRank: number,
  ): Outcome {
    if (open.length === 0) return "found";
    work += 8 * open.length;
    const lows = lowestOffsets(open, floors);
    let ceiling = Infinity;
    for (let i = 0; i < open.length; i++) ceiling = Math.min(ceiling, lows[i]! + sizes[open[i]!]!);
    if (!fits(open, lows, totals)) return "impossible";

    // A block at or above another's top can wait: it is placed after it in another branch.
    const candidates = open
      .map((block, i) => ({ block, offset: lows[i]! }))
      .filter(({ block, offset }) => offset < ceiling && (offset > lastOffset || rank[block]! > lastRank))
      .sort((left, right) => left.offset - right.offset || rank[left.block]! - rank[right.block]!);

    const part = rangeOf(open);
    for (const { block, offset } of candidates) {
      if (work > budget) return "exhausted";
      const nextFloors = floors.slice();
      const nextTotals = totals.slice();
      work += 2 * sectionCount;
      if (!place(block, offset, nextFloors, nextTotals, part)) continue;
      offsets[block] = offset;
      const rest = open.filter((other) => other !== block);
      const outcome = solveParts(rest, nextFloors, nextTotals, offset, rank[block]!);
      if (outcome !== "impossible") return outcome;
      // Nothing can lie above this block, so its place was not the reason.
      if (!rest.some((other) => first[other]! <= last[block]! && first[block]! <= last[other]!)) break;
    }
    return "impossible";
  }

  /** Blocks that share no time with the others are independent problems. */
  function solveParts(
    open: readonly number[],
    floors: Float64Array,
    totals: Float64Array,
    lastOffset: number,
    lastRank: number,
  ): Outcome {
    for (const part of partsOf(open)) {
      const outcome = solve(part, floors, totals, lastOffset, lastRank);
      if (outcome !== "found") return outcome;
    }
    return "found";
  }

  /** Raises the skyline over a part; false when some section of it cannot take what is still open. */
  function place(
    block: number,
    offset: number,
    floors: Float64Array,
    totals: Float64Array,
    part: Range,
  ): boolean {
    const size = sizes[block]!;
    for (let s = part.first; s <= part.last; s++) {
      if (s >= first[block]! && s <= last[block]!) {
        floors[s] = offset + size;
        totals[s] = totals[s]! - size;
      } else if (floors[s]! < offset) {
        // Everything placed from now on is at least this high.
        floors[s] = offset;
      }
      if (floors[s]! + totals[s]! > capacity) return false;
    }
    return true;
  }

  /** For every open block, the height of the skyline under it. */
  function lowestOffsets(open: readonly number[], floors: Float64Array): Float64Array {
    const lows = new Float64Array(open.length);
    for (let i = 0; i < open.length; i++) {
      const block = open[i]!;
      let low = 0;
      for (let s = first[block]!; s <= last[block]!; s++) low = Math.max(low, floors[s]!);
      work += last[block]! - first[block]! + 1;
      lows[i] = low;
    }
    return lows;
  }

  /** Whether every section can take its open blocks above the lowest offset that any of them has. */
  function fits(open: readonly number[], lows: Float64Array, totals: Float64Array): boolean {
    const lowest = new Float64Array(sectionCount).fill(Infinity);
    for (let i = 0; i < open.length; i++) {
      const block = open[i]!;
      if (lows[i]! + sizes[block]! > capacity) return false;
      for (let s = first[block]!; s <= last[block]!; s++) lowest[s] = Math.min(lowest[s]!, lows[i]!);
    }
    for (let s = 0; s < sectionCount; s++) {
      if (lowest[s]! !== Infinity && lowest[s]! + totals[s]! > capacity) return false;
    }
    return true;
  }

  function rangeOf(open: readonly number[]): Range {
    let range: Range = { first: Infinity, last: -1 };
    for (const block of open) {
      range = { first: Math.min(range.first, first[block]!), last: Math.max(range.last, last[block]!) };
    }
    return range;
  }

  function partsOf(open: readonly number[]): number[][] {
    const sorted = [...open].sort((left, right) => first[left]! - first[right]!);
    const parts: number[][] = [];
    let reach = -1;
    for (const block of sorted) {
      if (first[block]! > reach) parts.push([]);
      parts.at(-1)!.push(block);
      reach = Math.max(reach, last[block]!);
    }
    return parts;
  }

  const run = (): Outcome =>
    solveParts(
      blocks.map((_, block) => block),
      new Float64Array(sectionCount),
      initialTotals,
      -1,
      -1,
    );
  return { offsets, run };
}

function contextsOf(blocks: readonly Block[]): BlockContext[] {
  const { first, last, totals } = sectionsOf(blocks);
  return blocks.map((_, index) => {
    const within = totals.subarray(first[index]!, last[index]! + 1);
    return { sections: within.length, total: within.reduce((most, total) => Math.max(most, total), 0) };
  });
}

/** Each block's position in the order of its keys, the largest first. */
function rankBlocks(keys: readonly (readonly [number, number])[]): number[] {
  const order = keys.map((_, index) => index);
  order.sort((left, right) => {
    const [a, b] = [keys[left]!, keys[right]!];
    return b[0] - a[0] || b[1] - a[1] || left - right;
  });
  const rank = new Array<number>(keys.length);
  order.forEach((block, position) => (rank[block] = position));
  return rank;
}
