/** Paths of imported files: relative, with `/`, inside the project's root. */

export type Resolved =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "refused"; readonly message: string; readonly notes: readonly string[] };

/** The path of a file imported as `from` in the file at `importer`. */
export function resolvePath(importer: string, from: string, root: string): Resolved {
  if (!/^\.\.?\//.test(from)) {
    return refused(`an import needs a relative path, and \`${from}\` is none`, [
      'it begins with ./ or ../, as in import { Basic } from "./blocks.net"',
    ]);
  }
  if (from.includes("\\")) return refused("an import's path is written with /", []);
  if (!from.endsWith(".net")) return refused("an import names a .net file", []);
  const path = normalize(`${directoryOf(importer)}${from}`);
  if (!isInside(path, root)) {
    return refused("an import must stay inside the project", [
      root === "" ? "the project is the folder that the command runs in" : `the project is ${root}`,
    ]);
  }
  return { kind: "path", path };
}

function refused(message: string, notes: readonly string[]): Resolved {
  return { kind: "refused", message, notes };
}

/** Everything up to and with the last slash. */
export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The path without `.`, and without `..` except at its start. */
export function normalize(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "." || (segment === "" && segments.length > 0)) continue;
    const last = segments.at(-1);
    if (segment === ".." && last !== undefined && last !== ".." && last !== "") segments.pop();
    else segments.push(segment);
  }
  return segments.join("/");
}

/** Whether a normalized path lies in a folder given with its trailing slash; empty for the current one. */
function isInside(path: string, root: string): boolean {
  if (root === "") return !path.startsWith("/") && path !== ".." && !path.startsWith("../");
  return path.startsWith(root);
}
