/**
 * Tables of numbers as text: separated by commas, semicolons or tabs, with a line of
 * column names or without.
 *
 * Invariant: every row has as many fields as the first, and every field of a numeric
 * column is a finite number; anything else is told with its line and column.
 */
import { UserError } from "../program/user-error.js";
import { quote } from "./file-error.js";
import { gunzip, isGzip } from "./inflate.js";
import { formatOffenders } from "./offenders.js";

export interface CsvTable {
  readonly rows: number;
  readonly columns: readonly CsvColumn[];
}

export type CsvColumn =
  | { readonly name: string; readonly kind: "numbers"; readonly values: Float64Array }
  /** A column with words in it, such as names of classes. */
  | { readonly name: string; readonly kind: "words"; readonly values: readonly string[] };

/** A table this wide is some other kind of file. */
const maximumColumns = 100_000;

/** Reads a table; columns without a header are called `column1`, `column2`, ... */
export function readCsv(file: Uint8Array, source: string): CsvTable {
  const bytes = isGzip(file) ? gunzip(file, source) : file;
  const lines = splitLines(decode(bytes, source));
  const firstLine = lines[0];
  if (firstLine === undefined) throw new UserError(`${source}: the table is empty`);
  const separator = findSeparator(firstLine.text);
  const first = splitFields(firstLine.text, separator);
  if (first.length > maximumColumns) {
    throw new UserError(`${source}: line 1 has ${first.length} fields; at most ${maximumColumns} are read`);
  }
  const hasHeader = first.every((field) => parseNumber(field) === null);
  const names = hasHeader ? first : first.map((_, i) => `column${i + 1}`);
  checkNames(names, source);
  const body = hasHeader ? lines.slice(1) : lines;
  if (body.length === 0) throw new UserError(`${source}: the table has names of columns but no rows`);

  const builders = names.map((name, i) => createColumn(name, i, body.length));
  body.forEach(({ text, number }, row) => {
    const fields = splitFields(text, separator);
    if (fields.length !== names.length) {
      throw new UserError(
        `${source}: line ${number} has ${fields.length} fields, and the first has ${names.length}`,
        "Every line needs the same number of fields.",
      );
    }
    fields.forEach((field, i) => {
      builders[i]!.set(row, field);
    });
  });
  return { rows: body.length, columns: builders.map((builder) => builder.finish(body, source)) };
}

interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${source}: this is not a text file`, "A CSV file is UTF-8 text.");
  }
}

function splitLines(text: string): readonly Line[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((line, i) => ({ text: line, number: i + 1 }))
    .filter(({ text: line }) => line.trim() !== "");
}

/** The separator that the first line has most of; a single column has none. */
function findSeparator(line: string): string {
  const count = (separator: string): number => line.split(separator).length;
  return [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
}

function splitFields(line: string, separator: string): readonly string[] {
  return line.split(separator).map((field) => {
    const trimmed = field.trim();
    const isQuoted = trimmed.length >= 2 && trimmed.startsWith('"') && trimmed.endsWith('"');
    return isQuoted ? trimmed.slice(1, -1).trim() : trimmed;
  });
}

function checkNames(names: readonly string[], source: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new UserError(`${source}: two columns are called ${quote(name)}`);
    seen.add(name);
  }
}

/** A finite decimal number, or null. `Number` alone would take "" for 0 and "0x10" for 16. Linear in the field's length. */
function parseNumber(field: string): number | null {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(field)) return null;
  const value = Number(field);
  return Number.isFinite(value) ? value : null;
}

/** What programs write for a number that there is not. */
function isLostNumber(word: string): boolean {
  return /^[+-]?(nan|inf|infinity)$/i.test(word);
}

interface ColumnBuilder {
  readonly set: (row: number, field: string) => void;
  readonly finish: (lines: readonly Line[], source: string) => CsvColumn;
}

/** Keeps numbers as numbers, so that a table takes little more memory than its values. */
function createColumn(name: string, index: number, rows: number): ColumnBuilder {
  const values = new Float64Array(rows);
  const words = new Map<number, string>();
  return {
    set: (row, field) => {
      const value = parseNumber(field);
      if (value === null) words.set(row, field);
      else values[row] = value;
    },
    finish: (lines, source) => {
      if (words.size === 0) return { name, kind: "numbers", values };
      const all = [...words.values()];
      const hasNoNumber = words.size === rows;
      const isLost = hasNoNumber && all.every(isLostNumber);
      if (hasNoNumber && !isLost && !all.includes("")) return { name, kind: "words", values: all };
      // A column of words has gaps; in one of numbers every word is one.
      const gaps = [...words].filter(([, word]) => !hasNoNumber || isLost || word === "");
      const [row, word] = gaps[0]!;
      const found = word === "" ? "an empty field" : quote(word);
      const others = isLost ? "in every line" : `where the others are ${hasNoNumber ? "words" : "numbers"}`;
      const more = gaps.slice(1).map(([at]) => String(lines[at]!.number));
      const also = `, as in line ${formatOffenders(more, more.length)}`;
      throw new UserError(
        `${source}: line ${lines[row]!.number}, column ${index + 1} (${quote(name)}) has ${found} ${others}` +
          (more.length === 0 || isLost ? "" : also),
        "Fill in or remove rows with missing values.",
      );
    },
  };
}
