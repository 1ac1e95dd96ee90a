/**
 * Which array of a data set feeds which input of a train section, and whether it fits.
 *
 * Invariant: what is returned needs no further check: every element count, type and
 * label range has been compared before anything runs.
 */
import { UserError } from "../program/user-error.js";
import { checkValues, fitsInput, type InputDeclaration } from "./check-input.js";
import { formatBatchShape } from "./dataset.js";
import type { DataArray, Dataset, DataValues, Split, SplitName } from "./dataset.js";
import { elementCount, formatShape } from "../tensor.js";

export type { InputDeclaration };

/** One split, its arrays in the order of the inputs. */
export interface MatchedSplit {
  readonly name: SplitName;
  readonly count: number;
  readonly columns: readonly MatchedColumn[];
}

/** The examples of one input, one after the other. */
export interface MatchedColumn {
  readonly input: InputDeclaration;
  /** Elements of one example. */
  readonly size: number;
  readonly values: DataValues;
}

export interface MatchedData {
  readonly train: MatchedSplit;
  /** null when the data set has no test examples. */
  readonly test: MatchedSplit | null;
  /** What was assumed; full sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Matches arrays to inputs by name, the rest in order with a note. An example may have
 * another shape than the input when it has as many elements ([784] for [1, 28, 28]).
 * Throws a UserError that names the input, the array and the file.
 */
export function matchInputs(inputs: readonly InputDeclaration[], dataset: Dataset): MatchedData {
  const { train, test } = dataset;
  const pairs = pairArrays(inputs, train.arrays, dataset.name);
  const matchSplit = (split: Split): MatchedSplit => ({
    name: split.name,
    count: split.count,
    columns: pairs.map(({ input, index }) => {
      const array = split.arrays[index]!;
      checkValues(input, array);
      return { input, size: elementCount(input.shape), values: array.values };
    }),
  });
  return {
    train: matchSplit(train),
    test: test && matchSplit(test),
    notes: [...dataset.notes, ...notesOf(pairs, train)],
  };
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
    const index = named.get(input.name) ?? nextFitting(input, arrays, used, dataset);
    used.add(index);
    const fit = fitsInput(input, arrays[index]!);
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
  return free.find((index) => fitsInput(input, arrays[index]!).ok) ?? first;
}

function notesOf(pairs: readonly Pair[], { arrays }: Split): readonly string[] {
  const notes: string[] = [];
  const inOrder = pairs.filter(({ byName }) => !byName);
  if (inOrder.length > 0) {
    const list = inOrder.map(({ input, index }) => `input ${input.name} takes ${arrays[index]!.name}`);
    notes.push(`By their order, as no array has the name: ${list.join(", ")}.`);
  }
  for (const { input, index } of pairs) {
    const { name, shape } = arrays[index]!;
    if (!isSameUpToOnes(shape, input.shape)) {
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
