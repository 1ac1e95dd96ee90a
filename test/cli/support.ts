/** Runs the command line inside the test, in a folder of its own, and records what it says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll } from "vitest";
import { runCommandLine } from "../../compiler/cli/dispatch.js";
import type { FileArray } from "../../runtime/files/array.js";
import { writeNpz } from "../../runtime/files/npz.js";

export interface Spoken {
  readonly code: number;
  /** Results. */
  readonly out: string;
  /** Mistakes, notes, progress. */
  readonly error: string;
}

/** Types `tulle ...`, on a terminal that is a file. */
export async function tulle(...argv: readonly string[]): Promise<Spoken> {
  let out = "";
  let error = "";
  const code = await runCommandLine(argv, {
    out: (text) => (out += text),
    error: (text) => (error += text),
    isInteractive: false,
    columns: 80,
  });
  return { code, out, error };
}

/** What a command that must succeed prints; its complaints fail the test. */
export async function succeed(...argv: readonly string[]): Promise<string> {
  const { code, out, error } = await tulle(...argv);
  if (code !== 0) throw new Error(`tulle ${argv.join(" ")} ended with ${String(code)}:\n${error}`);
  return out;
}

/** For the whole test file, the working directory is a new folder with these files. */
export function inFolder(files: Readonly<Record<string, string | Uint8Array>>): void {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "tulle-cli-"));
  beforeAll(() => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });
}

/** The bytes of every file of a folder that a run writes, by name; checkpoints left out. */
export function runResults(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).filter((name) => !name.startsWith("checkpoint-"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "base64")]));
}

export function example(name: string): string {
  return readFileSync(new URL(`../../dsl-examples/${name}`, import.meta.url), "utf8");
}

/** Three classes of points; small enough that a run takes no time. */
export const smallNet = `net Small: image[N, 4] -> [N, 3] {
  image -> dense(8) as hidden -> tanh -> dense(3) as out
}

train fit {
  input image[N, 4]
  input label[N] in 0..3
  logits = image -> Small
  loss = cross_entropy(logits, label)
  minimize loss with adam(lr=1e-2)
  metric accuracy = accuracy(logits, label)
}
`;

/** Two inputs, and a net of two outputs. */
export const severalNets = `net Two: (left[N, 2], right[N, 3]) -> [N, 1] {
  concat(left, right) -> dense(1)
}

net Pair: x[N, 2] -> ([N, 1], [N, 3]) {
  one = x -> dense(1) as a
  three = x -> dense(3) as b
  (one, three)
}
`;

export function floats(shape: readonly number[], value: (index: number) => number = wave): FileArray {
  return { dataType: "f32", shape, data: Float32Array.from({ length: size(shape) }, (_, i) => value(i)) };
}

export function integers(shape: readonly number[], value: (index: number) => number): FileArray {
  return { dataType: "i32", shape, data: Int32Array.from({ length: size(shape) }, (_, i) => value(i)) };
}

export function npz(arrays: Readonly<Record<string, FileArray>>): Uint8Array {
  return writeNpz(new Map(Object.entries(arrays)));
}

/** Points whose label follows from them, so that there is something to learn. */
export function smallData(count: number): Uint8Array {
  const image = floats([count, 4]);
  const label = integers([count], (i) => (image.data[4 * i]! > 0 ? 2 : image.data[4 * i + 1]! > 0 ? 1 : 0));
  return npz({ image, label });
}

function wave(index: number): number {
  return Math.sin(1.7 * index + 0.3);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
