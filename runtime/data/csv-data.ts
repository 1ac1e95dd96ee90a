/**
 * Tables as data: one column is the label, the others together are one example.
 *
 * Invariant: every guess about a table is said in a note.
 */
import { quote } from "../files/file-error.js";
import { readCsv, type CsvColumn, type CsvTable } from "../files/csv.js";
import { UserError } from "../program/user-error.js";
import { listClasses, type StoredArray, type StoredValues } from "./dataset.js";
import { smallestImage, splitOfName, type FileParts } from "./parts.js";

/** `features` [columns] and `label` of a table; the split is that of the file's name. */
export function csvParts(name: string, bytes: Uint8Array, source: string): FileParts {
  const table = readCsv(bytes, source);
  const split = splitOfName(name.replace(/\.[a-z]+$/i, "")).split ?? "train";
  const part = (array: StoredArray) => ({ split, count: table.rows, array, continues: false });

  const { index, because } = findLabel(table);
  const features = table.columns.filter((_, i) => i !== index);
  const notes: string[] = [];
  const parts: FileParts["parts"][number][] = [];
  if (features.length > 0) {
    const isPixels = areBytes(features);
    if (isPixels) notes.push(`The ${features.length} columns of ${source} are bytes; they are read as 0..1.`);
    const values = isPixels ? pixels(table, features) : numbers(table, features, source);
    parts.push(part({ name: "features", source, shape: [features.length], values }));
  }
  const label = table.columns[index];
  if (label !== undefined) {
    const { values, classes } = readLabels(label);
    parts.push(part({ name: "label", source, shape: [], values, ...(classes === null ? {} : { classes }) }));
    notes.push(`Column ${quote(label.name)} of ${source} is read as the label: ${because}.`);
    if (classes !== null) notes.push(`Labels of ${source}: ${listClasses(classes)}.`);
  }
  return { parts, notes };
}

/** The label's column; -1 when a table has a single column, which then is an example's only number. */
function findLabel(table: CsvTable): { readonly index: number; readonly because: string } {
  const { columns } = table;
  const named = columns.findIndex(({ name }) => /^(label|labels|class|target|species|y)$/i.test(name));
  if (named >= 0) return { index: named, because: "its name says so" };
  const words = columns.findIndex(({ kind }) => kind === "words");
  if (words >= 0) return { index: words, because: "it has words" };
  if (columns.length === 1) return { index: -1, because: "" };
  // MNIST as a table, by several authors, has the label first.
  if (columns.length > smallestImage && areBytes(columns)) return { index: 0, because: "images follow it" };
  return { index: columns.length - 1, because: "it is the last one" };
}

function areBytes(columns: readonly CsvColumn[]): boolean {
  if (columns.length < smallestImage) return false;
  let largest = 0;
  for (const column of columns) {
    if (column.kind === "words") return false;
    for (const value of column.values) {
      if (!Number.isInteger(value) || value < 0 || value > 255) return false;
      if (value > largest) largest = value;
    }
  }
  return largest > 1;
}

function pixels(table: CsvTable, columns: readonly CsvColumn[]): StoredValues {
  const data = new Uint8Array(table.rows * columns.length);
  fillRows(data, columns);
  return { kind: "pixels", data };
}

function numbers(table: CsvTable, columns: readonly CsvColumn[], source: string): StoredValues {
  const word = columns.find(({ kind }) => kind === "words");
  if (word !== undefined) {
    throw new UserError(
      `${source}: column ${quote(word.name)} has words, and a net computes with numbers`,
      "Remove the column, or write its categories as numbers.",
    );
  }
  const data = new Float32Array(table.rows * columns.length);
  fillRows(data, columns);
  return { kind: "numbers", data };
}

function fillRows(data: Float32Array | Uint8Array, columns: readonly CsvColumn[]): void {
  columns.forEach(({ values }, at) => {
    for (let row = 0; row < values.length; row++) data[row * columns.length + at] = Number(values[row]);
  });
}

/** Words are numbered in alphabetical order; whole numbers stay integers; others are values to be predicted. */
function readLabels(column: CsvColumn): {
  readonly values: StoredValues;
  readonly classes: readonly string[] | null;
} {
  if (column.kind === "words") {
    const classes = [...new Set(column.values)].sort();
    const numberOf = new Map(classes.map((word, i) => [word, i]));
    const data = Int32Array.from(column.values, (word) => numberOf.get(word)!);
    return { values: { kind: "integers", data }, classes };
  }
  const isInteger = column.values.every((value) => value === (value | 0));
  const values: StoredValues = isInteger
    ? { kind: "integers", data: Int32Array.from(column.values) }
    : { kind: "numbers", data: Float32Array.from(column.values) };
  return { values, classes: null };
}
