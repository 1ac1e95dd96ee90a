/**
 * Arrays named on the command line: `X.npy` for the only one, `name=X.npy` for one of
 * several, or an `.npz` that holds them all.
 */
import type { FileArray, NamedArrays } from "../../runtime/files/array.js";
import { readFile, writeFileAtomically } from "../../runtime/files/node-files.js";
import { isNpy, readNpy, writeNpy } from "../../runtime/files/npy.js";
import { readNpz, writeNpz } from "../../runtime/files/npz.js";
import { UserError } from "../../runtime/program/user-error.js";
import { UsageError } from "./command.js";

/** Reads the arrays for the inputs of these names. */
export function readArrays(specifiers: readonly string[], names: readonly string[]): NamedArrays {
  const arrays = new Map<string, FileArray>();
  for (const specifier of specifiers) {
    const { name, path } = splitSpecifier(specifier, names);
    for (const [found, array] of readArrayFile(
      path,
      name ?? names[0] ?? "input",
      name === null && names.length > 1,
    )) {
      if (arrays.has(found)) throw new UsageError(`the input ${found} is given twice`);
      arrays.set(found, array);
    }
  }
  return arrays;
}

/** `image=X.npy` names an input; a path with `=` in it is only split after a known name. */
function splitSpecifier(
  specifier: string,
  names: readonly string[],
): { readonly name: string | null; readonly path: string } {
  const split = specifier.indexOf("=");
  const name = specifier.slice(0, Math.max(split, 0));
  return names.includes(name) ? { name, path: specifier.slice(split + 1) } : { name: null, path: specifier };
}

function readArrayFile(path: string, name: string, needsName: boolean): NamedArrays {
  const bytes = readFile(path);
  if (!isNpy(bytes)) return readNpz(bytes, path);
  if (needsName) {
    throw new UsageError(`${path} is for one of several inputs; say which: --input NAME=${path}`);
  }
  return new Map([[name, readNpy(bytes, path)]]);
}

/** Writes one array to an `.npy`, or several to an `.npz` or to `name=FILE` each. */
export function writeArrays(specifiers: readonly string[], arrays: NamedArrays): void {
  const names = [...arrays.keys()];
  for (const specifier of specifiers) {
    const { name, path } = splitSpecifier(specifier, names);
    const chosen = name === null && names.length === 1 ? names[0] : name;
    const array = chosen === undefined || chosen === null ? undefined : arrays.get(chosen);
    if (array !== undefined) writeFileAtomically(path, writeNpy(array));
    else if (path.endsWith(".npz")) writeFileAtomically(path, writeNpz(arrays));
    else {
      throw new UserError(
        `the net has ${String(names.length)} outputs (${names.join(", ")}), and ${path} holds one`,
        `Write them all to an .npz, or one of them: --output ${names[0] ?? "NAME"}=${path}`,
      );
    }
  }
}
