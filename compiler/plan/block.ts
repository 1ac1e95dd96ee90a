/**
 * Blocks: stretches of memory that are needed for a while. What the allocator packs.
 *
 * Invariant: two blocks whose times overlap must not overlap in memory.
 */

export interface Block {
  /** Half-open in time: a block is needed at every t with start <= t < end. */
  readonly start: number;
  readonly end: number;
  /** In whatever unit the caller counts. */
  readonly size: number;
}

/** The largest sum of sizes needed at one time: no placement can do with less. */
export function peakOf(blocks: readonly Block[]): number {
  const changes = new Map<number, number>();
  for (const { start, end, size } of blocks) {
    changes.set(start, (changes.get(start) ?? 0) + size);
    changes.set(end, (changes.get(end) ?? 0) - size);
  }
  let live = 0;
  let peak = 0;
  for (const [, change] of [...changes].sort(([left], [right]) => left - right)) {
    live += change;
    peak = Math.max(peak, live);
  }
  return peak;
}

/** The memory that a placement takes. */
export function extentOf(blocks: readonly Block[], offsets: readonly number[]): number {
  return blocks.reduce((extent, block, index) => Math.max(extent, offsets[index]! + block.size), 0);
}

export function overlapInTime(left: Block, right: Block): boolean {
  return left.start < right.end && right.start < left.end;
}
