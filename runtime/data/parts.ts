/**
 * From the parts that files contribute to a data set: one array of one split each.
 *
 * before: parts in the order of their files -> after: a Dataset that keeps its invariant.
 */
import type { FileArray } from "../files/array.js";
import { quote } from "../files/file-error.js";
import { UserError } from "../program/user-error.js";
import type { Dataset, Split, SplitName, StoredArray, StoredValues } from "./dataset.js";
import { formatShape, elementCount } from "../tensor.js";

/** One array of one split, with the number of its examples. */
export interface DataPart {
  readonly split: SplitName;
  readonly count: number;
  readonly array: StoredArray;
  /** True for files that continue each other, as CIFAR's data_batch_1 and data_batch_2 do. */
  readonly continues: boolean;
}

/** What one file has to say. */
export interface FileParts {
  readonly parts: readonly DataPart[];
  readonly notes: readonly string[];
}

/**
 * Which split a name speaks of, and what is left of it: `x_train` is `x` of train. Null when it
 * names none. Where there are no other test data, validation data become them; see `combineParts`.
 */
export function splitOfName(name: string): { readonly split: SplitName | null; readonly rest: string } {
  const words = name.split(/[-_. /]+/).filter((word) => word !== "");
  const isTrain = (word: string): boolean => /^(train|training)$/i.test(word);
  const isTest = (word: string): boolean => /^(test|testing|t10k)$/i.test(word);
  const isValidation = (word: string): boolean => /^(val|valid|validation)$/i.test(word);
  const rest = words.filter((word) => !isTrain(word) && !isTest(word) && !isValidation(word));
  const known: readonly [SplitName, (word: string) => boolean][] = [
    ["test", isTest],
    ["validation", isValidation],
    ["train", isTrain],
  ];
  const split = known.find(([, isMeant]) => words.some(isMeant))?.[0] ?? null;
  return { split, rest: rest.join("_") };
}

/** So many bytes per example are an image even when they stand in one row. */
export const smallestImage = 64;

/**
 * An array of a file as a part. Bytes that look like images are pixels; other integers
 * stay integers. Throws a UserError for a scalar, which has no examples.
 */
export function partOfArray(
  array: FileArray,
  what: { readonly name: string; readonly split: SplitName; readonly source: string },
): DataPart {
  const [count, ...shape] = array.shape;
  if (count === undefined) {
    throw new UserError(
      `${what.source}: the array ${quote(what.name)} is a single number`,
      "The first axis of every array counts the examples.",
    );
  }
  const isImage = shape.length >= 2 || elementCount(shape) >= smallestImage;
  const values = valuesOf(array, isImage);
  return {
    split: what.split,
    count,
    array: { name: what.name, source: what.source, shape, values },
    continues: false,
  };
}

function valuesOf(array: FileArray, isImage: boolean): StoredValues {
  switch (array.dataType) {
    case "f32":
      return { kind: "numbers", data: array.data };
    case "i32":
      return { kind: "integers", data: array.data };
    case "u8":
      return isImage
        ? { kind: "pixels", data: array.data }
        : { kind: "integers", data: Int32Array.from(array.data) };
  }
}

/** Joins what the files of one source contributed. */
export function combineParts(name: string, files: readonly FileParts[]): Dataset {
  const named = files.flatMap((file) => file.parts);
  // The only examples that are not for training are what the net is tested on, whatever they are called.
  const hasTest = named.some(({ split }) => split === "test");
  const parts = hasTest
    ? named
    : named.map((part) => (part.split === "train" ? part : { ...part, split: "test" as const }));
  const train = combineSplit("train", parts);
  const validation = combineSplit("validation", parts);
  const test = combineSplit("test", parts);
  const notes = files.flatMap((file) => file.notes);
  if (train === null) {
    if (test === null) throw new UserError(`${name}: no arrays were found`);
    throw new UserError(
      `${name}: only test data were found (${test.arrays.map(({ source }) => source).join(", ")})`,
      "Put the training files beside them, or name all files.",
    );
  }
  return {
    name,
    train,
    validation: validation && inOrderOf(train, validation),
    test: test && inOrderOf(train, test),
    notes,
  };
}

function combineSplit(name: SplitName, parts: readonly DataPart[]): Split | null {
  const grouped = new Map<string, DataPart>();
  for (const part of parts) {
    if (part.split !== name) continue;
    const before = grouped.get(part.array.name);
    grouped.set(part.array.name, before === undefined ? part : continuePart(before, part));
  }
  const [first, ...others] = grouped.values();
  if (first === undefined) return null;
  for (const other of others) {
    if (other.count !== first.count) {
      throw new UserError(
        `the ${name} data do not go together: ${describe(first)}, but ${describe(other)}`,
        "Every array needs one entry per example.",
      );
    }
  }
  if (first.count === 0) throw new UserError(`${first.array.source}: there is not a single example in it`);
  return { name, count: first.count, arrays: [first, ...others].map(({ array }) => array) };
}

function describe({ array, count }: DataPart): string {
  return `${array.name} has ${count} examples (${array.source})`;
}

function continuePart(before: DataPart, part: DataPart): DataPart {
  const [a, b] = [before.array, part.array];
  if (!before.continues || !part.continues) {
    throw new UserError(
      `two files hold the ${part.split} array ${quote(b.name)}: ${a.source} and ${b.source}`,
      "Name the files that belong together instead of the whole folder.",
    );
  }
  if (formatShape(a.shape) !== formatShape(b.shape)) {
    throw new UserError(
      `${b.source} cannot continue ${a.source}: examples are ${formatShape(b.shape)} and ${formatShape(a.shape)}`,
    );
  }
  const array = { ...a, source: `${a.source} and others`, values: concatenate(a.values, b.values) };
  return { ...before, count: before.count + part.count, array };
}

function concatenate(a: StoredValues, b: StoredValues): StoredValues {
  if (a.kind === "pixels" && b.kind === "pixels") {
    const data = new Uint8Array(a.data.length + b.data.length);
    data.set(a.data);
    data.set(b.data, a.data.length);
    return { kind: "pixels", data };
  }
  if (a.kind === "integers" && b.kind === "integers") {
    const data = new Int32Array(a.data.length + b.data.length);
    data.set(a.data);
    data.set(b.data, a.data.length);
    return { kind: "integers", data };
  }
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { kind: "numbers", data };
}

/** Validation or test data with their arrays in the order of the training data's. */
function inOrderOf(train: Split, test: Split): Split {
  const names = (split: Split): string => split.arrays.map(({ name }) => name).join(", ");
  const arrays = train.arrays.map((array) => {
    const other = test.arrays.find(({ name }) => name === array.name);
    if (other === undefined || test.arrays.length !== train.arrays.length) {
      throw new UserError(
        `the training data have the arrays ${names(train)}, the ${test.name} data ${names(test)}`,
        "Both need the same arrays; the difference may be a file that is missing or misnamed.",
      );
    }
    if (formatShape(array.shape) !== formatShape(other.shape)) {
      throw new UserError(
        `one example of ${array.name} is ${formatShape(array.shape)} in ${array.source}, ` +
          `but ${formatShape(other.shape)} in ${other.source}`,
        `Training and ${test.name} examples need the same sizes.`,
      );
    }
    return other;
  });
  return { ...test, arrays };
}
