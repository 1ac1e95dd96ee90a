/**
 * The binary format of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html):
 * records of one label byte (CIFAR-100: two, coarse and fine) and 3,072 pixel bytes,
 * planes red, green, blue of 32 rows of 32.
 */
import type { FileArray } from "./array.js";
import { fileError } from "./file-error.js";
import { gunzip, isGzip } from "./inflate.js";

const pixels = 3 * 32 * 32;

export interface CifarFile {
  /** u8 [count, 3, 32, 32] */
  readonly images: FileArray;
  /** i32 [count]; the fine labels of CIFAR-100 */
  readonly labels: FileArray;
}

/** Reads records with `labelBytes` label bytes each, the last of which counts; gzip-compressed or not. */
export function readCifar(file: Uint8Array, source: string, labelBytes: 1 | 2): CifarFile {
  const bytes = isGzip(file) ? gunzip(file, source) : file;
  const record = labelBytes + pixels;
  const count = Math.floor(bytes.length / record);
  const excess = bytes.length - count * record;
  if (count === 0 || excess !== 0) {
    throw fileError(
      source,
      `this is not a CIFAR file: ${bytes.length} bytes are ${count} records of ${record} and ${excess} more`,
      count * record,
      "It is cut short, or something else.",
    );
  }
  const classes = labelBytes === 1 ? 10 : 100;
  const images = new Uint8Array(count * pixels);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * record + labelBytes - 1;
    const label = bytes[at]!;
    if (label >= classes) {
      throw fileError(source, `label ${label} of record ${i}; labels are 0 to ${classes - 1}`, at);
    }
    labels[i] = label;
    images.set(bytes.subarray(at + 1, (i + 1) * record), i * pixels);
  }
  return {
    images: { dataType: "u8", shape: [count, 3, 32, 32], data: images },
    labels: { dataType: "i32", shape: [count], data: labels },
  };
}
