/**
 * Allocation: an address for every region, in an arena as small as can be found. Simple
 * rules first; where they miss the lower bound, exact search at it and, failing that, above it.
 */
import { type Block, extentOf, peakOf } from "./block.js";
import { packGreedily, type Placement } from "./pack.js";
import { searchPlacement } from "./search.js";

/** The memory that an arena lies in: chunks that no block may lie in two of, unless it is larger. */
export interface ArenaMemory {
  /** Where the arena begins in its first chunk. */
  readonly start: number;
  /** null where memory is one piece. */
  readonly chunkBytes: number | null;
}

const onePiece: ArenaMemory = { start: 0, chunkBytes: null };

/** The work an allocation may spend searching; about a third of a second. */
const defaultBudget = 3e7;

/** How many sizes between the lower bound and what the rules reach are tried. */
const attempts = 4;

/** Larger plans are left to the rules, which come within a thousandth; the search would end without a result. */
const mostBlocks = 500;

export function allocate(
  blocks: readonly Block[],
  { start, chunkBytes }: ArenaMemory = onePiece,
  budget: number = defaultBudget,
): Placement {
  const free = allocateInOnePiece(blocks, budget);
  if (chunkBytes === null || (start % chunkBytes) + free.extent <= chunkBytes) return free;
  return packGreedily(blocks, { goal: free.extent, avoid: boundaryAvoider(start, chunkBytes) });
}

/** The next offset at which a block of a size lies in one chunk; a larger one begins with one. */
function boundaryAvoider(start: number, chunkBytes: number): (offset: number, size: number) => number {
  return (offset, size) => {
    const address = start + offset;
    if (address % chunkBytes === 0) return offset;
    const boundary = Math.ceil(address / chunkBytes) * chunkBytes;
    return address + size <= boundary ? offset : boundary - start;
  };
}

function allocateInOnePiece(blocks: readonly Block[], budget: number): Placement {
  const bound = peakOf(blocks);
  let best = packGreedily(blocks, { goal: bound });
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
