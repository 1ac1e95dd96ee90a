/**
 * Places for what outlives a call: persistent buffers, and behind them the words that
 * kernels share.
 *
 * Invariant: no buffer, and no block of one that is cut, lies in two chunks of memory; a
 * buffer's blocks follow each other without gaps, so that the host sees it in one piece.
 */
import { elementBytes, type PersistentBuffer } from "../../runtime/program/program.js";
import type { BufferBlock } from "../ir/row-blocks.js";
import { elementCount } from "../ir/shapes.js";
import { align } from "./regions.js";
import type { PlanTarget } from "./target.js";

export interface PersistentLayout {
  /** In the order given. */
  readonly buffers: readonly PersistentBuffer[];
  /** What kernels see: buffers, and blocks instead of those that are cut. */
  readonly pieces: readonly PersistentBuffer[];
  readonly bytes: number;
  readonly randomStateOffset: number;
  readonly barrierOffset: number;
  readonly arenaOffset: number;
  /** Where chunks of memory begin, up to the one in which the arena begins. */
  readonly chunkStarts: readonly number[];
}

/** Buffers and the words that threads share begin on cache lines. */
const cacheLine = 64;

export function layOutPersistent(
  buffers: readonly Omit<PersistentBuffer, "offset" | "bytes">[],
  blocks: readonly BufferBlock[],
  { alignment, chunkBytes, smallBytes }: Pick<PlanTarget, "alignment" | "chunkBytes" | "smallBytes">,
): PersistentLayout {
  const line = Math.max(cacheLine, alignment);
  const chunkStarts = [0];
  let end = 0;
  const occupy = (offset: number, bytes: number): void => {
    const chunk = chunkStarts.at(-1)!;
    if (chunkBytes !== null && offset > chunk && offset + bytes > chunk + chunkBytes)
      chunkStarts.push(offset);
    end = offset + bytes;
  };

  const pieces: PersistentBuffer[] = [];
  const place = (buffer: (typeof buffers)[number]): PersistentBuffer => {
    const offset = align(end, line);
    const placed = { ...buffer, offset, bytes: bytesOf(buffer) };
    const own = blocks
      .filter((block) => block.buffer === buffer.name)
      .map(({ name, before, shape }): PersistentBuffer => {
        const start = offset + before * elementBytes(buffer.dataType);
        return { ...buffer, name, path: name, shape, offset: start, bytes: bytesOf({ ...buffer, shape }) };
      });
    for (const piece of own.length === 0 ? [placed] : own) {
      occupy(piece.offset, piece.bytes);
      pieces.push(piece);
    }
    return placed;
  };
  // Small ones last, next to the small values of the arena.
  const isSmall = (buffer: (typeof buffers)[number]): boolean => bytesOf(buffer) <= smallBytes;
  const placed = new Map(
    [...buffers.filter((buffer) => !isSmall(buffer)), ...buffers.filter(isSmall)].map((buffer) => [
      buffer,
      place(buffer),
    ]),
  );
  const bytes = end;
  const randomStateOffset = align(end, line);
  occupy(randomStateOffset, 2 * line);
  return {
    buffers: buffers.map((buffer) => placed.get(buffer)!),
    pieces,
    bytes,
    randomStateOffset,
    barrierOffset: randomStateOffset + line,
    arenaOffset: randomStateOffset + 2 * line,
    chunkStarts,
  };
}

function bytesOf({ dataType, shape }: Pick<PersistentBuffer, "dataType" | "shape">): number {
  return elementBytes(dataType) * elementCount(shape);
}
