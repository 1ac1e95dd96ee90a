/** IDX files as data: MNIST and everything that is named the way MNIST is. */
import type { FileArray } from "../files/array.js";
import { readIdx } from "../files/idx.js";
import { partOfArray, splitOfName, type FileParts } from "./parts.js";

const idxName = /^(.*?)[-._]idx\d+([-._](u?byte|short|int|float|double))?(\.gz)?$/i;

/** Whether a file is named as IDX files are: `train-images-idx3-ubyte.gz`. */
export function isIdxName(name: string): boolean {
  return idxName.test(name) || /\.idx(\.gz)?$/i.test(name);
}

/** `train-images-idx3-ubyte.gz` is the array `image` of the training data, [N, 1, 28, 28] in 0..1. */
export function idxParts(name: string, bytes: Uint8Array, source: string): FileParts {
  const stem = idxName.exec(name)?.[1] ?? name.replace(/\.idx(\.gz)?$/i, "");
  const { split, rest } = splitOfName(stem);
  const word = rest.split("_").at(-1) ?? rest;
  const array = withChannel(readIdx(bytes, source));
  return {
    parts: [partOfArray(array, { name: singular(word || "array"), split: split ?? "train", source })],
    notes: [],
  };
}

/** Images without a channel axis get one: [N, H, W] becomes [N, 1, H, W]. */
function withChannel(array: FileArray): FileArray {
  const [count, ...size] = array.shape;
  if (count === undefined || size.length !== 2) return array;
  return { ...array, shape: [count, 1, ...size] };
}

/** `images` holds one image per example. */
function singular(word: string): string {
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}
