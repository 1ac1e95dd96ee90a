/**
 * The modules that import a `.net` file, and whether they speak of one of its nets.
 *
 * Invariant: a net that is imported by its name is always mentioned. So is any net of a file of
 * which it is not known who imports it, or that is exported again as a whole.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

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
      return known === undefined || [...known].some((file) => mentions(file, path, net));
    },
  };
}

function mentions(file: string, path: string, net: string): boolean {
  if (!existsSync(file)) return true;
  const text = readFileSync(file, "utf8");
  const name = new RegExp(`\\b${net}\\b`);
  const clauses = clausesFrom(text, basename(path));
  if (clauses.some((clause) => /^\s*export\s*\*/.test(clause))) return true;
  // Of what is imported by names, only the names count; of a whole module, any use of it may.
  const isWhole = clauses.some((clause) => clause.includes("*")) || /\bimport\s*\(/.test(text);
  const isByName = clauses.length > 0 && !isWhole;
  return isByName ? clauses.some((clause) => name.test(clause)) : name.test(text);
}

/** What stands before `from "./file.net"` in import and export statements. */
function clausesFrom(text: string, file: string): readonly string[] {
  const statements = text.matchAll(/\b((?:import|export)\b[^"'`;]*)\bfrom\s*["']([^"']*)["']/g);
  return [...statements]
    .filter(([, , from]) => basename(from!.split("?", 1)[0]!) === file)
    .map(([, clause]) => clause!);
}
