/** NumPy files as data: `.npz` with arrays named by split, and single `.npy` arrays. */
import type { FileArray, NamedArrays } from "../files/array.js";
import { readNpy } from "../files/npy.js";
import { readNpz } from "../files/npz.js";
import type { SplitName } from "./dataset.js";
import { partOfArray, splitOfName, type DataPart, type FileParts } from "./parts.js";

/**
 * `x_train`, `test_images` and the like say their split; four arrays without names
 * (`arr_0` to `arr_3`) are the two inputs and the two targets; all other arrays are
 * training data under their own names.
 */
export function npzParts(bytes: Uint8Array, source: string): FileParts {
  const arrays = readNpz(bytes, source);
  const unnamed = unnamedFour(arrays);
  if (unnamed !== null) {
    const parts = unnamed.map(({ name, split, array }) => partOfArray(array, { name, split, source }));
    const order = unnamed.map(({ name, split }, i) => `arr_${i} as ${name} of ${split}`).join(", ");
    return { parts, notes: [`The arrays of ${source} have no names; they are read as ${order}.`] };
  }
  const names = [...arrays.keys()];
  const hasSplits = names.some((name) => splitOfName(name).split !== null);
  const parts: DataPart[] = [];
  for (const [name, array] of arrays) {
    const { split, rest } = splitOfName(name);
    const own = hasSplits && rest !== "" ? rest : name;
    parts.push(partOfArray(array, { name: own, split: split ?? "train", source }));
  }
  return { parts, notes: [] };
}

/** The array of an `.npy` file, called as the file is. */
export function npyParts(name: string, bytes: Uint8Array, source: string): FileParts {
  const { split, rest } = splitOfName(name.replace(/\.npy$/i, ""));
  const array = readNpy(bytes, source);
  return {
    parts: [partOfArray(array, { name: rest || "array", split: split ?? "train", source })],
    notes: [],
  };
}

interface UnnamedArray {
  readonly name: string;
  readonly split: SplitName;
  readonly array: FileArray;
}

/**
 * What numpy.savez writes for four arrays without names: X_train, X_test, y_train,
 * y_test, or X_train, y_train, X_test, y_test; their numbers of examples tell which.
 */
function unnamedFour(arrays: NamedArrays): readonly UnnamedArray[] | null {
  if (arrays.size !== 4) return null;
  const four = [0, 1, 2, 3].map((i) => arrays.get(`arr_${i}`));
  const [a, b, c, d] = four;
  if (!a || !b || !c || !d) return null;
  const sameCount = (left: FileArray, right: FileArray): boolean => left.shape[0] === right.shape[0];
  const inputsFirst = sameCount(a, c) && sameCount(b, d);
  if (!inputsFirst && !(sameCount(a, b) && sameCount(c, d))) return null;
  const [train, test] = ["train", "test"] as const;
  return inputsFirst
    ? [
        { name: "x", split: train, array: a },
        { name: "x", split: test, array: b },
        { name: "y", split: train, array: c },
        { name: "y", split: test, array: d },
      ]
    : [
        { name: "x", split: train, array: a },
        { name: "y", split: train, array: b },
        { name: "x", split: test, array: c },
        { name: "y", split: test, array: d },
      ];
}
