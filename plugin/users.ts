/**
 * The modules that import a `.net` file, and whether they speak of one of its nets.
 *
 * Invariant: a net that is imported by its name is always mentioned. So is any net of a file of
 * which it is not known who imports it, or that is exported again as a whole.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

export interface Users {
  /** Notes that a module imports a file, which it calls by a path relative to its own. */
  readonly add: (path: string, importer: string) => void;
  readonly mention: (path: string, net: string) => boolean;
}

export function newUsers(): Users {
  const importers = new Map<string, Set<string>>();
  return {
    add: (path, importer) => {
      const file = importer.split("?", 1)[0]!;
      const imported = resolve(dirname(file), path);
      importers.set(imported, (importers.get(imported) ?? new Set()).add(file));
    },
    mention: (path, net) => {
      const known = importers.get(resolve(path));
      return known === undefined || [...known].some((file) => mentions(file, net));
    },
  };
}

function mentions(file: string, net: string): boolean {
  if (!existsSync(file)) return true;
  const text = readFileSync(file, "utf8");
  return new RegExp(`\\b${net}\\b|export\\s*\\*`).test(text);
}
