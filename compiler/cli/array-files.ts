/**
 * Arrays named on the command line: `X.npy` for the only one, `name=X.npy` for one of
 * several, or an `.npz` that holds them all.
 *
 * Invariant: what can be wrong with names and files is found before anything runs.
 */
import type { DataArray } from "../../runtime/data/dataset.js";
import { type InputDeclaration, matchInputs, type MatchedSplit } from "../../runtime/data/match-inputs.js";
import { partOfArray } from "../../runtime/data/parts.js";
import type { NamedArrays } from "../../runtime/files/array.js";
import { readFile, writeFileAtomically } from "../../runtime/files/node-files.js";
import { isNpy, readNpy, writeNpy } from "../../runtime/files/npy.js";
import { readNpz, writeNpz } from "../../runtime/files/npz.js";
import { isZip } from "../../runtime/files/zip.js";
import { UserError } from "../../runtime/program/user-error.js";
import { closest } from "../diagnostics/suggest.js";
import { type Terminal, UsageError } from "./command.js";

/**
 * Reads an array for every input and compares sizes, types and numbers of examples.
 * What had to be assumed is noted on the terminal.
 * @param option the option that names the files, `input` or `data`, for messages
 */
export function openInputs(
  option: string,
  specifiers: readonly string[],
  inputs: readonly InputDeclaration[],
  terminal: Terminal,
): MatchedSplit {
  const arrays = new Map<string, { readonly array: DataArray; readonly count: number }>();
  const names = inputs.map(({ name }) => name);
  for (const specifier of specifiers) {
    const { name, path } = splitSpecifier(option, specifier, names);
    for (const [found, array] of readArrays(option, path, name, names)) {
      if (arrays.has(found)) throw new UsageError(`the ${option} ${found} is given twice`);
      arrays.set(found, partOfArray(array, { name: found, split: "train", source: path }));
    }
  }
  const parts = [...arrays.values()];
  const dataset = {
    name: specifiers.join(", "),
    train: { name: "train", count: countExamples(parts), arrays: parts.map(({ array }) => array) },
    validation: null,
    test: null,
    notes: [],
  } as const;
  const { train, notes } = matchInputs(inputs, dataset);
  for (const note of notes) terminal.error(`${note}\n`);
  return train;
}

function readArrays(
  option: string,
  path: string,
  name: string | null,
  names: readonly string[],
): NamedArrays {
  const bytes = readFile(path);
  if (isNpy(bytes)) {
    const [only = option, ...others] = names;
    if (name === null && others.length > 0) {
      throw new UsageError(
        `${path} holds one array, and there are several inputs, ${names.join(", ")}; ` +
          `say which it is: --${option} ${only}=${path}`,
      );
    }
    return new Map([[name ?? only, readNpy(bytes, path)]]);
  }
  if (!isZip(bytes) && !/\.npz$/i.test(path)) {
    throw new UserError(
      `${path} is neither .npy nor .npz`,
      "numpy.save writes the one, numpy.savez the other.",
    );
  }
  const arrays = readNpz(bytes, path);
  const [only, ...others] = arrays.values();
  if (name === null) return arrays;
  if (only !== undefined && others.length === 0) return new Map([[name, only]]);
  const array = arrays.get(name);
  if (array !== undefined) return new Map([[name, array]]);
  throw new UserError(`${path} has no array ${name}; it has ${[...arrays.keys()].join(", ")}`);
}

/** The first axis of every array counts the examples. */
function countExamples(parts: readonly { readonly array: DataArray; readonly count: number }[]): number {
  const counts = new Set(parts.map(({ count }) => count));
  const list = parts.map(({ array, count }) => `${array.name} has ${String(count)} (${array.source})`);
  if (counts.size > 1) {
    throw new UserError(
      `the arrays have different numbers of examples: ${list.join(", ")}`,
      "The first axis of every array counts the examples.",
    );
  }
  const [count = 0] = counts;
  if (count === 0) throw new UserError(`there is not a single example: ${list.join(", ")}`);
  return count;
}

/** `image=X.npy` names an array; `./image=X.npy` is a file with an odd name. */
function splitSpecifier(
  option: string,
  specifier: string,
  names: readonly string[],
): { readonly name: string | null; readonly path: string } {
  const [, name, path = ""] = /^([\p{L}_][\p{L}\p{N}_]*)=(.*)$/su.exec(specifier) ?? [];
  if (name === undefined) return { name: null, path: specifier };
  if (!names.includes(name)) {
    const near = closest(name, names);
    const hint = near === null ? `there are ${names.join(", ")}` : `did you mean ${near}?`;
    throw new UsageError(
      `--${option} ${specifier}: there is no \`${name}\`; ${hint} (A file of that name is ./${specifier})`,
    );
  }
  if (path === "") throw new UsageError(`--${option} ${specifier} names no file: --${option} ${name}=FILE`);
  return { name, path };
}

/** A file to write, and the outputs that go into it. */
export interface OutputFile {
  readonly path: string;
  readonly names: readonly string[];
}

/** Where each of a net's outputs goes, before there are any. */
export function planOutputs(specifiers: readonly string[], names: readonly string[]): readonly OutputFile[] {
  const files = specifiers.map((specifier): OutputFile => {
    const { name, path } = splitSpecifier("output", specifier, names);
    if (name !== null) return { path, names: [name] };
    if (names.length === 1 || isNpzName(path)) return { path, names };
    throw new UsageError(
      `the net has the outputs ${names.join(", ")}, and ${path} holds one; ` +
        `write them all to an .npz, or name one: --output ${names[0] ?? "NAME"}=${path}`,
    );
  });
  const twice = files.find(({ path }, index) => files.findIndex((file) => file.path === path) !== index);
  if (twice !== undefined) throw new UsageError(`two outputs would be written to ${twice.path}`);
  return files;
}

/** An `.npz` for a file of that name, else an `.npy`. */
export function writeOutputs(files: readonly OutputFile[], outputs: NamedArrays): void {
  for (const { path, names } of files) {
    const arrays = new Map([...outputs].filter(([name]) => names.includes(name)));
    const [only] = arrays.values();
    if (isNpzName(path)) writeFileAtomically(path, writeNpz(arrays));
    else if (only !== undefined) writeFileAtomically(path, writeNpy(only));
  }
}

function isNpzName(path: string): boolean {
  return /\.npz$/i.test(path);
}
