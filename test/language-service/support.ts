/** A language service over texts given by path, and texts with a cursor written as `|`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LanguageService, createLanguageService } from "../../compiler/language-service/index.js";

export const examples = join(import.meta.dirname, "../../dsl-examples");

export function readExample(name: string): string {
  return readFileSync(join(examples, name), "utf8");
}

/** Serves these files; those of the examples are there too. */
export function serviceOf(files: Readonly<Record<string, string>>): LanguageService {
  const service = createLanguageService({
    readFile: (path) => {
      if (files[path] !== undefined) return files[path];
      try {
        return readExample(path);
      } catch {
        return null;
      }
    },
    root: "",
    listFiles: () => Object.keys(files),
  });
  for (const [path, text] of Object.entries(files)) service.open(path, text);
  return service;
}

export interface Marked {
  readonly text: string;
  readonly offset: number;
}

/** The text without its one `|`, and where that stood. */
export function marked(text: string): Marked {
  const offset = text.indexOf("|");
  if (offset < 0) throw new Error("the text has no cursor");
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}

/** A service with one file, `main.net`, and the cursor in it. */
export function at(
  text: string,
  others: Readonly<Record<string, string>> = {},
): { service: LanguageService } & Marked {
  const found = marked(text);
  return { service: serviceOf({ "main.net": found.text, ...others }), ...found };
}

/** The text after edits that all speak of it as it is. */
export function edited(text: string, edits: readonly { start: number; end: number; text: string }[]): string {
  return edits
    .toSorted((left, right) => right.start - left.start)
    .reduce((now, edit) => now.slice(0, edit.start) + edit.text + now.slice(edit.end), text);
}
