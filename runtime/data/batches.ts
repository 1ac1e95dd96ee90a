/**
 * Batches: which examples, in which order, and their numbers as the net takes them.
 *
 * Invariant: the order is a function of (seed, epoch) alone, so a run that is
 * resumed in the middle of an epoch goes on with the very same batches.
 */
import { threefry } from "../program/threefry.js";
import type { MatchedColumn, MatchedSplit } from "./match-inputs.js";

/** What a step takes: row-major arrays by input name. */
export type BatchInputs = Readonly<Record<string, Float32Array | Int32Array>>;

/** byte / 255 as float32: images are read as 0..1. */
const unitOfByte = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Image files are decoded this many batches ahead of the one that is read. */
const batchesAhead = 2;

/** Key word of the generator that tells shuffling from all other draws: "shuf" in ASCII. */
const shuffleStream = 0x73687566;

/** The numbers 0 to count - 1 in the order of an epoch. */
export function shuffledOrder(count: number, seed: number, epoch: number): Uint32Array {
  return drawOrder(count, seed, shuffleStream, epoch);
}

/** The numbers 0 to count - 1 in an order drawn by a stream of the seed (Fisher and Yates, 1938; Durstenfeld, 1964). */
export function drawOrder(count: number, seed: number, stream: number, draw: number): Uint32Array {
  const order = naturalOrder(count);
  for (let last = count - 1; last > 0; last--) {
    const [word] = threefry(seed, stream, last, draw);
    const other = Math.floor((word / 2 ** 32) * (last + 1));
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}

/** The numbers in their natural order, for validation. */
export function naturalOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}

/** How many batches an epoch has; the last may be smaller. */
export function batchesPerEpoch(count: number, batch: number): number {
  return Math.ceil(count / batch);
}

/** The batch sizes that occur: the full one, and the last, smaller one if there is one. */
export function batchSizes(count: number, batch: number): readonly number[] {
  const rest = count % batch;
  if (count < batch) return [count];
  return rest === 0 ? [batch] : [batch, rest];
}

export interface Batch {
  readonly size: number;
  readonly inputs: BatchInputs;
}

/**
 * Batch number `index` of an order. The arrays are reused by the next batch of the same
 * size from the same reader. Throws a UserError for an image file that cannot be decoded.
 */
export type BatchReader = (order: Uint32Array, index: number) => Batch;

/** Reads batches of `batch` examples out of a split. */
export function createBatchReader(split: MatchedSplit, batch: number): BatchReader {
  const images = split.columns.flatMap(({ values }) => (values.kind === "images" ? [values.reader] : []));
  const buffers = new Map<number, Record<string, Float32Array | Int32Array>>();
  return (order, index) => {
    const examples = order.subarray(index * batch, (index + 1) * batch);
    const size = examples.length;
    const inputs = buffers.get(size) ?? allocate(split, size);
    buffers.set(size, inputs);
    // While this batch is computed with, the next ones may be decoded.
    const soon = order.subarray(index * batch, (index + 1 + batchesAhead) * batch);
    for (const reader of images) reader.expect(soon);
    for (const column of split.columns) gather(column, examples, inputs[column.input.name]!);
    return { size, inputs };
  };
}

function allocate(split: MatchedSplit, count: number): Record<string, Float32Array | Int32Array> {
  const pairs = split.columns.map(({ input, size }) => {
    const length = size * count;
    return [
      input.name,
      input.dataType === "f32" ? new Float32Array(length) : new Int32Array(length),
    ] as const;
  });
  return Object.fromEntries(pairs);
}

function gather(column: MatchedColumn, examples: Uint32Array, into: Float32Array | Int32Array): void {
  const { size, values } = column;
  for (let i = 0; i < examples.length; i++) {
    const from = examples[i]! * size;
    const to = i * size;
    if (values.kind === "pixels") scaleBytes(values.data, from, into, to, size);
    else if (values.kind === "images") scaleBytes(values.reader.read(examples[i]!), 0, into, to, size);
    else into.set(values.data.subarray(from, from + size), to);
  }
}

function scaleBytes(
  bytes: Uint8Array,
  from: number,
  into: Float32Array | Int32Array,
  to: number,
  size: number,
): void {
  for (let j = 0; j < size; j++) into[to + j] = unitOfByte[bytes[from + j]!]!;
}
