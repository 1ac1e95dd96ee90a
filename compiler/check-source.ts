/**
 * The first part of the road: source -> Ast -> Model. A file of its own, so that what only checks loads
 * nothing of what comes after.
 */
import { check, type CheckResult } from "./check/check.js";

export interface CheckOptions {
  /** How messages name the source; imports are relative to it. */
  readonly file?: string;
  /** The folder that imports must stay in; by default the current one, or the file's own outside of it. */
  readonly root?: string;
  /** The text of an imported file, by its path from the root; null when there is none. */
  readonly readFile?: (path: string) => string | null;
  /** Overrides of `const`s and nets' settings: `{ width: "32", "Autoencoder.code": "16" }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Checks a source text: every name, every size. */
export function checkSource(source: string, options: CheckOptions = {}): CheckResult {
  const file = options.file ?? "input.net";
  return check({
    main: file,
    readFile: (path) => (path === file ? source : (options.readFile?.(path) ?? null)),
    settings: options.settings ?? {},
    ...(options.root === undefined ? {} : { root: options.root }),
  });
}
