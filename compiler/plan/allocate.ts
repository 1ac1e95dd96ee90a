/**
 * Allocation: an address for every region, in an arena as small as can be found. Simple
 * rules first; where they miss the lower bound, exact search at it and, failing that, above it.
 */
import { type Block, extentOf, peakOf } from "./block.js";
import { packGreedily, type Placement } from "./pack.js";
import { searchPlacement } from "./search.js";

/** The work an allocation may spend searching; about a third of a second. */
const defaultBudget = 3e7;

/** How many sizes between the lower bound and what the rules reach are tried. */
const attempts = 4;

/** Larger plans are left to the rules. */
const mostBlocks = 2000;

export function allocate(blocks: readonly Block[], budget: number = defaultBudget): Placement {
  const bound = peakOf(blocks);
  let best = packGreedily(blocks, bound);
  if (best.extent <= bound || blocks.length > mostBlocks) return best;
  let low = bound;
  for (let attempt = 0; attempt < attempts && low < best.extent; attempt++) {
    const capacity = attempt === 0 ? bound : Math.floor((low + best.extent) / 2);
    const offsets = searchPlacement(blocks, capacity, attempt === 0 ? budget / 2 : budget / 6);
    if (offsets === null) low = capacity + 1;
    else best = { offsets, extent: extentOf(blocks, offsets) };
  }
  return best;
}
