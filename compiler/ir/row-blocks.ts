/**
 * Runs of rows that a tensor too large for one binding of a GPU is cut into.
 *
 * Invariant: the cut follows from the shape and the limit alone, so all tensors of one shape
 * (a weight, its gradient, its optimizer's state) are cut alike.
 */
import { elementCount } from "./shapes.js";

/** Rows from `start` up to, not including, `stop`, along the first axis. */
export interface RowBlock {
  readonly start: number;
  readonly stop: number;
}

/** Every block but the last holds a multiple of this many elements, so that it ends where another may be bound. */
const elementsBetweenBindings = 128;

const bytesPerElement = 4;

export function isLarge(shape: readonly number[], mostBytes: number): boolean {
  return bytesPerElement * elementCount(shape) > mostBytes;
}

/** As few blocks as fit, about equally large; null where one will do, or where rows are too large themselves. */
export function rowBlocksOf(shape: readonly number[], mostBytes: number): readonly RowBlock[] | null {
  const [rows = 1, ...row] = shape;
  if (!isLarge(shape, mostBytes)) return null;
  const rowElements = elementCount(row);
  const unit = elementsBetweenBindings / commonDivisor(elementsBetweenBindings, rowElements);
  const most = Math.floor(mostBytes / (bytesPerElement * rowElements * unit));
  if (most === 0) return null;
  const units = Math.ceil(rows / unit);
  const height = unit * Math.ceil(units / Math.ceil(units / most));
  const blocks: RowBlock[] = [];
  for (let start = 0; start < rows; start += height) {
    blocks.push({ start, stop: Math.min(start + height, rows) });
  }
  return blocks.length > 1 ? blocks : null;
}

/** The shape of a block of a tensor. */
export function blockShape([, ...row]: readonly number[], { start, stop }: RowBlock): readonly number[] {
  return [stop - start, ...row];
}

/** What a block of a persistent buffer is called. */
export function blockName(buffer: string, { start, stop }: RowBlock): string {
  return `${buffer} rows ${String(start)} to ${String(stop - 1)}`;
}

/** A block of a persistent buffer, which graphs read and update as a buffer of its own. */
export interface BufferBlock {
  /** Unique, also among buffers. */
  readonly name: string;
  /** The buffer that it is of. */
  readonly buffer: string;
  /** Elements of the buffer before it. */
  readonly before: number;
  readonly shape: readonly number[];
}

/** The blocks of those buffers that are cut. */
export function blocksOfBuffers(
  buffers: readonly { readonly name: string; readonly shape: readonly number[] }[],
  mostBytes: number,
): readonly BufferBlock[] {
  return buffers.flatMap(({ name, shape }) =>
    (rowBlocksOf(shape, mostBytes) ?? []).map((block) => ({
      name: blockName(name, block),
      buffer: name,
      before: block.start * elementCount(shape.slice(1)),
      shape: blockShape(shape, block),
    })),
  );
}

/** An output that is too large for the arena: it is left in a persistent buffer. */
export interface LargeOutput {
  readonly name: string;
  /** Its place among the outputs. */
  readonly position: number;
  readonly shape: readonly number[];
  readonly buffer: string;
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right);
}
