/**
 * The IDX format of MNIST (http://yann.lecun.com/exdb/mnist/): two zero bytes, a
 * type, the number of axes, each size, then the elements, all big-endian.
 */
import type { FileArray } from "./array.js";
import { createByteReader } from "./byte-reader.js";
import type { ElementFormat } from "./elements.js";
import { fileError } from "./file-error.js";
import { gunzip, isGzip } from "./inflate.js";
import { readRemainingArray } from "./remaining-array.js";

const formats: ReadonlyMap<number, ElementFormat> = new Map([
  [0x08, "u8"],
  [0x09, "i8"],
  [0x0b, "i16"],
  [0x0c, "i32"],
  [0x0d, "f32"],
  [0x0e, "f64"],
]);

/** Reads one array, gzip-compressed or not. Throws a UserError when it is no IDX file or contradicts itself. */
export function readIdx(file: Uint8Array, source: string): FileArray {
  const bytes = isGzip(file) ? gunzip(file, source) : file;
  const reader = createByteReader(bytes, source);
  const start = reader.take(Math.min(4, bytes.length), "the magic number");
  const [zero0, zero1, type, rank] = start;
  const format = formats.get(type ?? -1);
  if (rank === undefined || zero0 !== 0 || zero1 !== 0 || format === undefined) {
    const found = [...start].map((byte) => byte.toString(16).padStart(2, "0")).join(" ") || "nothing";
    throw fileError(
      source,
      `this is not an IDX file: it begins with ${found}`,
      0,
      "An IDX file begins with 00 00, the type (08 for bytes) and the number of axes.",
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => reader.u32BigEndian(`size ${axis + 1} of ${rank}`));
  const header = { format, littleEndian: false, shape, offset: 4 };
  return readRemainingArray(reader, header, source, "The file is cut short; fetch it again.");
}
