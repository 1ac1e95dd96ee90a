/**
 * Which array of a data set feeds which input of a train section, and whether it fits.
 *
 * Invariant: what is returned needs no further check: every element count, type and
 * label range has been compared before anything runs.
 */
import { UserError } from "../program/user-error.js";
import { fitsInput, type Adaptation, type InputDeclaration } from "./check-input.js";
import { columnValues, isResized, type ColumnValues } from "./column-values.js";
import { formatBatchShape, splitsOf } from "./dataset.js";
import type { DataArray, Dataset, Split, SplitName } from "./dataset.js";
import type { Resize } from "./fit-image.js";
import { fitFor, isImageArray, notesOnFit } from "./image-inputs.js";
import { defaultCacheBytes } from "./pixel-reader.js";
import { elementCount, formatShape } from "../tensor.js";

export type { InputDeclaration };

/** One split, its arrays in the order of the inputs. */
export interface MatchedSplit {
  readonly name: SplitName;
  readonly count: number;
  readonly columns: readonly MatchedColumn[];
}

/** The examples of one input. */
export interface MatchedColumn {
  readonly input: InputDeclaration;
  /** Elements of one example. */
  readonly size: number;
  readonly values: ColumnValues;
  /** What labels stand for, where the data name their classes. */
  readonly classes?: readonly string[];
}

export interface MatchedData {
  readonly train: MatchedSplit;
  /** Examples held out for decisions while learning; null when none are. */
  readonly validation: MatchedSplit | null;
  /** null when the data set has no test examples. */
  readonly test: MatchedSplit | null;
  /** What was assumed; full sentences for the user. */
  readonly notes: readonly string[];
}

export interface MatchOptions {
  /**
   * How images are brought to a declared size: image files by `crop` when nothing is said,
   * images that are in memory already only when it is.
   */
  readonly resize?: Resize;
  /** Decoded image files that are kept, in bytes; 512 MiB unless given. */
  readonly cacheBytes?: number;
}

/**
 * Matches arrays to inputs by name, the rest in order with a note. An example may have
 * another shape than the input when it has as many elements ([784] for [1, 28, 28]).
 * Throws a UserError that names the input, the array and the file.
 */
export function matchInputs(
  inputs: readonly InputDeclaration[],
  dataset: Dataset,
  options: MatchOptions = {},
): MatchedData {
  const adaptation: Adaptation = {
    resize: options.resize ?? "crop",
    resizesArrays: options.resize !== undefined,
  };
  const { train, validation, test } = dataset;
  const pairs = pairArrays(inputs, train.arrays, dataset.name, adaptation);
  const cacheBytes = options.cacheBytes ?? defaultCacheBytes;
  const cacheShare = cacheBytes / Math.max(1, imageBytes(pairs, splitsOf(dataset)));
  const matchSplit = (split: Split): MatchedSplit => ({
    name: split.name,
    count: split.count,
    columns: pairs.map(({ input, index }) => {
      const array = split.arrays[index]!;
      const size = elementCount(input.shape);
      const values = columnValues(input, array, adaptation, cacheShare * split.count * size);
      return { input, size, values, ...(array.classes === undefined ? {} : { classes: array.classes }) };
    }),
  });
  return {
    train: matchSplit(train),
    validation: validation && matchSplit(validation),
    test: test && matchSplit(test),
    notes: [...dataset.notes, ...notesOf(pairs, train, adaptation)],
  };
}

/** All image files at the sizes they are read at. */
function imageBytes(pairs: readonly Pair[], splits: readonly Split[]): number {
  const sizes = pairs.map(({ input, index }) =>
    splits.map(({ count, arrays }) => (isImageArray(arrays[index]!) ? count * elementCount(input.shape) : 0)),
  );
  return sizes.flat().reduce((sum, size) => sum + size, 0);
}

interface Pair {
  readonly input: InputDeclaration;
  /** Of the array in its split. */
  readonly index: number;
  readonly byName: boolean;
}

function pairArrays(
  inputs: readonly InputDeclaration[],
  arrays: readonly DataArray[],
  dataset: string,
  adaptation: Adaptation,
): readonly Pair[] {
  const used = new Set<number>();
  const named = new Map<string, number>();
  for (const input of inputs) {
    const index = arrays.findIndex(({ name }) => name === input.name);
    if (index < 0) continue;
    named.set(input.name, index);
    used.add(index);
  }
  return inputs.map((input) => {
    const index = named.get(input.name) ?? nextFitting(input, arrays, used, dataset, adaptation);
    used.add(index);
    const fit = fitsInput(input, arrays[index]!, adaptation);
    if (!fit.ok) throw new UserError(fit.problem, fit.advice);
    return { input, index, byName: named.has(input.name) };
  });
}

/** The first array not yet used that fits the input; else the first not yet used, whose misfit is then told. */
function nextFitting(
  input: InputDeclaration,
  arrays: readonly DataArray[],
  used: ReadonlySet<number>,
  dataset: string,
  adaptation: Adaptation,
): number {
  const free = arrays.flatMap((_, index) => (used.has(index) ? [] : [index]));
  const first = free[0];
  if (first === undefined) {
    const found = arrays.map(({ name, shape }) => `${name} ${formatBatchShape(shape)}`).join(", ");
    throw new UserError(
      `there are no data for input ${input.name} ${formatBatchShape(input.shape)}: ` +
        `${dataset} has ${found}, and each feeds one input`,
      "Inputs take the array of their own name, and otherwise the arrays in order.",
    );
  }
  return free.find((index) => fitsInput(input, arrays[index]!, adaptation).ok) ?? first;
}

function notesOf(pairs: readonly Pair[], { arrays }: Split, adaptation: Adaptation): readonly string[] {
  const notes: string[] = [];
  const inOrder = pairs.filter(({ byName }) => !byName);
  if (inOrder.length > 0) {
    const list = inOrder.map(({ input, index }) => `input ${input.name} takes ${arrays[index]!.name}`);
    notes.push(`By their order, as no array has the name: ${list.join(", ")}.`);
  }
  for (const { input, index } of pairs) {
    const array = arrays[index]!;
    const { name, shape } = array;
    if (isImageArray(array)) {
      const fit = fitFor(input.shape, array.values.images, adaptation.resize);
      if (fit !== null) notes.push(...notesOnFit(input.name, array, fit));
    } else if (isResized(input, array, adaptation)) {
      notes.push(`Images of ${name}, ${formatShape(shape)}, are resized to ${formatShape(input.shape)}.`);
    } else if (!isSameUpToOnes(shape, input.shape)) {
      notes.push(
        `One example of ${name} is ${formatShape(shape)}, read as ${formatShape(input.shape)} for input ${input.name}.`,
      );
    }
  }
  const unused = arrays.filter((_, i) => pairs.every(({ index }) => index !== i));
  if (unused.length > 0) notes.push(`Not used: ${unused.map(({ name }) => name).join(", ")}.`);
  return notes;
}

/** [600, 1] and [600] are the same labels. */
function isSameUpToOnes(a: readonly number[], b: readonly number[]): boolean {
  const significant = (shape: readonly number[]): string => formatShape(shape.filter((size) => size !== 1));
  return significant(a) === significant(b);
}
