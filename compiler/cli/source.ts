/**
 * Reads `.net` files for the compiler, which is pure, and prints what it has to say
 * about them. Imports stay inside the project: the folder the command is run in, or
 * the file's own when that lies elsewhere.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import process from "node:process";
import { pathKind, readBeginning } from "../../runtime/files/node-files.js";
import { UserError } from "../../runtime/program/user-error.js";
import type { Model } from "../check/model.js";
import { type CheckOptions, checkSource } from "../check-source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { renderDiagnostic, toJson } from "../diagnostics/render.js";
import {
  type CommandInput,
  type OptionDefinition,
  type ParsedOptions,
  type Terminal,
  UsageError,
} from "./command.js";
import { reportUserError } from "./user-error.js";

export const setOption: OptionDefinition = {
  name: "set",
  value: "NAME=VALUE",
  repeated: true,
  summary: "override a const, or a net's setting as Net.setting=VALUE",
};

/** The largest source file, in bytes; a hand-written net is a thousandth of it. */
const largestSource = 1 << 20;

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly options: CheckOptions & { readonly file: string };
}

/** Reads a source file and prepares the options that compiling it needs. */
export function readSource(path: string, options: ParsedOptions): Source {
  return openSource(path, parseSettings(options.list("set")));
}

/**
 * The same for settings that did not come from a command line.
 * @throws UserError when there is no such file, or it is no text
 */
export function openSource(path: string, settings: Readonly<Record<string, string>> = {}): Source {
  const text = readText(path);
  const root = projectRoot(path);
  return {
    path,
    text,
    options: { file: path, readFile: (imported) => readInside(root, imported), settings },
  };
}

/** The checked model, or null after its errors were printed. Warnings are printed too, hints not. */
export function checkAndReport(source: Source, terminal: Terminal): Model | null {
  const { model, diagnostics } = checkSource(source.text, source.options);
  const shown = diagnostics.filter((diagnostic) => diagnostic.severity !== "hint");
  reportDiagnostics(source, shown, terminal);
  return model;
}

export function reportDiagnostics(
  source: Source,
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
): void {
  for (const diagnostic of diagnostics) {
    terminal.error(
      `${renderDiagnostic(diagnostic, textOf(source), { color: terminal.isInteractive }).trimEnd()}\n\n`,
    );
  }
}

export function diagnosticsToJson(source: Source, diagnostics: readonly Diagnostic[]): unknown[] {
  return diagnostics.map((diagnostic) => toJson(diagnostic, textOf(source)));
}

/** The texts of the source and of what it imports, by file. */
export function textOf(source: Source): (file: string) => string | null {
  return (file) => (file === source.path ? source.text : (source.options.readFile?.(file) ?? null));
}

function readText(path: string): string {
  const kind = pathKind(path);
  if (kind === "missing") {
    throw new UserError(`there is no file ${path}`, `Looked for it as ${resolve(path)}.`);
  }
  if (kind === "folder") throw new UserError(`${path} is a folder`, "Name the .net file inside it.");
  const bytes = readBeginning(path, largestSource + 1);
  if (bytes.length > largestSource) {
    throw new UserError(`${path} has more than 1 MiB, the most that a .net file may have`, isItOne);
  }
  const [first = 0, second = 0] = bytes;
  if (first + second === 0xff + 0xfe && Math.abs(first - second) === 1) {
    throw new UserError(`${path} is written in UTF-16, and .net files are UTF-8`, "Save it as UTF-8.");
  }
  try {
    // A file may begin with a byte order mark; the lexer knows it.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // It is told below.
  }
  throw new UserError(`${path} is not text in UTF-8`, isItOne);
}

const isItOne = "Is it a .net file?";

function projectRoot(path: string): string {
  const here = realpathSync(process.cwd());
  const file = realpathSync(path);
  return isInside(here, file) ? here : dirname(file);
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Follows links before it decides, so that no link leads out of the project. */
function readInside(root: string, imported: string): string | null {
  const path = isAbsolute(imported) ? imported : join(process.cwd(), imported);
  if (!existsSync(path)) return null;
  const real = realpathSync(path);
  if (!isInside(root, real) || !statSync(real).isFile() || statSync(real).size > largestSource) return null;
  return readFileSync(real, "utf8");
}

function parseSettings(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((item): [string, string] => {
      const split = item.indexOf("=");
      if (split <= 0) throw new UsageError(`--set takes NAME=VALUE, and \`${item}\` has no value`);
      return [item.slice(0, split).trim(), item.slice(split + 1).trim()];
    }),
  );
}

/** The only positional argument of most commands. */
export function oneFile(positionals: readonly string[], command: string): string {
  const [file, ...others] = positionals;
  if (file === undefined) throw new UsageError(`tulle ${command} needs a .net file: tulle ${command} FILE`);
  if (others.length > 0) {
    throw new UsageError(`tulle ${command} takes one .net file, and got ${positionals.join(", ")}`);
  }
  return file;
}

/**
 * Visits every file, also after one that cannot be read, whose mistake is told.
 * Returns how many could not.
 */
export function visitSources(
  command: string,
  { positionals, options, terminal }: CommandInput,
  visit: (source: Source) => void,
): number {
  if (positionals.length === 0) {
    throw new UsageError(`tulle ${command} needs a .net file: tulle ${command} FILE...`);
  }
  let unreadable = 0;
  for (const path of positionals) {
    try {
      visit(readSource(path, options));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reportUserError(error, terminal);
      terminal.error("\n");
      unreadable++;
    }
  }
  return unreadable;
}
