/**
 * A data set: named arrays of examples, split into those to learn from and those to
 * be tested on.
 *
 * Invariant: all arrays of a split have the same number of examples, at least one,
 * and both splits have arrays of the same names and shapes in the same order.
 */

export interface Dataset {
  /** For messages: the folder, file or generator it came from. */
  readonly name: string;
  readonly train: Split;
  /** null when the source has only one set of examples. */
  readonly test: Split | null;
  /** What a user should know about how the source was read; full sentences. */
  readonly notes: readonly string[];
}

export type SplitName = "train" | "test";

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
  /** Of one example: [1, 28, 28] for images, [] for labels. */
  readonly shape: readonly number[];
  readonly values: DataValues;
}

/** Examples one after the other, each row-major. */
export type DataValues =
  | { readonly kind: "numbers"; readonly data: Float32Array }
  | { readonly kind: "integers"; readonly data: Int32Array }
  /** Bytes that stand for byte / 255: images take a quarter of the memory, and are read as 0..1. */
  | { readonly kind: "pixels"; readonly data: Uint8Array };

/** A shape with its batch axis, as the language writes it: `[N, 1, 28, 28]`. */
export function formatBatchShape(exampleShape: readonly number[]): string {
  return `[${["N", ...exampleShape].join(", ")}]`;
}
