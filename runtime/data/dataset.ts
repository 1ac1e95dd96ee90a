/**
 * A data set: named arrays of examples, split into those to learn from, those to decide by
 * while learning, and those to be tested on.
 *
 * Invariant: all arrays of a split have the same number of examples, at least one,
 * and all splits have arrays of the same names in the same order, of the same shapes unless
 * they are image files, which are brought to a size when they are read.
 */
import { quote } from "../files/file-error.js";
import type { ImageEntry, OpenPixels } from "./pixel-reader.js";

export interface Dataset {
  /** For messages: the folder, file or generator it came from. */
  readonly name: string;
  readonly train: Split;
  /** Set aside for decisions made while learning; null when nothing is. */
  readonly validation: Split | null;
  /** null when the source has only one set of examples. */
  readonly test: Split | null;
  /** What a user should know about how the source was read; full sentences. */
  readonly notes: readonly string[];
}

export type SplitName = "train" | "validation" | "test";

export interface Split {
  readonly name: SplitName;
  /** The number of examples. */
  readonly count: number;
  readonly arrays: readonly DataArray[];
}

/** One value per example: `image`, `label`. */
export interface DataArray {
  readonly name: string;
  /** The file it came from, for messages. */
  readonly source: string;
  /** Of one example: [1, 28, 28] for images, [] for labels. Of image files of several sizes, the first one's. */
  readonly shape: readonly number[];
  readonly values: DataValues;
  /** What the labels stand for, by their number, where the source names its classes. */
  readonly classes?: readonly string[];
}

/** An array whose examples are in memory. */
export interface StoredArray extends DataArray {
  readonly values: StoredValues;
}

/** Examples one after the other, each row-major. */
export type DataValues =
  | StoredValues
  /** Image files, which are decoded when they are needed. */
  | {
      readonly kind: "images";
      readonly images: readonly ImageEntry[];
      readonly openPixels: OpenPixels;
    };

/** Examples that are in memory. */
export type StoredValues =
  | { readonly kind: "numbers"; readonly data: Float32Array }
  | { readonly kind: "integers"; readonly data: Int32Array }
  /** Bytes that stand for byte / 255: images take a quarter of the memory, and are read as 0..1. */
  | { readonly kind: "pixels"; readonly data: Uint8Array };

/** The splits there are, in the order train, validation, test. */
export function splitsOf<T>(data: {
  readonly train: T;
  readonly validation: T | null;
  readonly test: T | null;
}): readonly T[] {
  return [data.train, data.validation, data.test].filter((split) => split !== null);
}

/** A shape with its batch axis, as the language writes it: `[N, 1, 28, 28]`. */
export function formatBatchShape(exampleShape: readonly number[]): string {
  return `[${["N", ...exampleShape].join(", ")}]`;
}

/** `0 "cat", 1 "dog"`, the first ten of many. */
export function listClasses(classes: readonly string[]): string {
  const list = classes.slice(0, 10).map((name, label) => `${label} ${quote(name)}`);
  return `${list.join(", ")}${classes.length > 10 ? `, ... (${classes.length} in all)` : ""}`;
}
