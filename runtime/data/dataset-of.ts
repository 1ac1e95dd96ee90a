/** A data set out of arrays that are in memory already. */
import type { FileArray } from "../files/array.js";
import { UserError } from "../program/user-error.js";
import { elementCount, formatShape } from "../tensor.js";
import type { Dataset, SplitName } from "./dataset.js";
import { combineParts, partOfArray } from "./parts.js";

/** Row-major elements and a shape whose first axis counts the examples. Bytes of images stand for byte / 255. */
export interface ExampleArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

export type NamedExamples = Readonly<Record<string, ExampleArray>>;

/**
 * A data set of named arrays: `datasetOf({ train: { image, label }, test: { image, label } })`.
 * Throws a UserError when shapes and elements, or the arrays of the splits, do not agree.
 */
export function datasetOf(splits: {
  readonly train: NamedExamples;
  readonly validation?: NamedExamples;
  readonly test?: NamedExamples;
}): Dataset {
  const parts = (["train", "validation", "test"] as const).flatMap((split) =>
    Object.entries(splits[split] ?? {}).map(([name, array]) =>
      partOfArray(fileArrayOf(name, split, array), { name, split, source: `${split}.${name}` }),
    ),
  );
  const dataset = combineParts("the data", [{ parts, notes: [] }]);
  // Files of validation examples alone are tested on; here the caller has said what they are for.
  if (splits.test !== undefined || dataset.test === null) return dataset;
  return { ...dataset, validation: { ...dataset.test, name: "validation" }, test: null };
}

function fileArrayOf(name: string, split: SplitName, { shape, data }: ExampleArray): FileArray {
  if (elementCount(shape) !== data.length) {
    throw new UserError(
      `${split}.${name} has ${data.length} elements, and its shape ${formatShape(shape)} has ${elementCount(shape)}`,
    );
  }
  if (data instanceof Uint8Array) return { dataType: "u8", shape, data };
  return data instanceof Int32Array ? { dataType: "i32", shape, data } : { dataType: "f32", shape, data };
}
