/**
 * What `--data` may say: a folder, files, or the name of a built-in data set.
 */
import { basename, join } from "node:path";
import { imageFormats, isImageName } from "../files/images/image-file.js";
import { listFolder, pathKind, readFile } from "../files/node-files.js";
import { UserError } from "../program/user-error.js";
import type { Dataset } from "./dataset.js";
import { drawnDigits } from "./digits.js";
import type { Pairs } from "./image-pairs.js";
import { openImageFiles, openImageFolder } from "./node-image-folder.js";
import { dataFormats, isDataName, isWholeDataset, readDataset } from "./read-dataset.js";

export interface OpenOptions {
  /** Which images belong together; see Pairs. */
  readonly pairs?: Pairs;
}

/**
 * Opens a data set: `digits` (drawn ones, built in), one folder, or files that belong
 * together. Throws a UserError when there is nothing to read or it cannot be read.
 */
export function openDataset(specifiers: string | readonly string[], options: OpenOptions = {}): Dataset {
  const { pairs = "auto" } = options;
  const paths = typeof specifiers === "string" ? [specifiers] : specifiers;
  const [first] = paths;
  if (first === undefined) {
    throw new UserError("no data are named", "Name a folder, files, or `digits`, the built-in drawn digits.");
  }
  if (paths.length === 1 && first === "digits" && pathKind(first) === "missing") return drawnDigits();
  if (paths.length === 1 && pathKind(first) === "folder" && !listFolder(first).some(isDataName)) {
    const images = openImageFolder(first, pairs);
    if (images !== null) return images;
  }
  const files = paths.flatMap((path) => filesAt(path));
  const name = paths.length === 1 ? first : `${first} and others`;
  if (files.every(isImageName)) return openImageFiles(name, files, pairs);
  return readDataset(
    name,
    files.map((path) => ({ name: basename(path), source: path, bytes: readFile(path) })),
  );
}

function filesAt(path: string): readonly string[] {
  switch (pathKind(path)) {
    case "file":
      return [path];
    case "folder":
      return filesInFolder(path);
    case "missing":
      throw new UserError(
        `there is no file or folder ${path}`,
        "--data takes a folder, files, or `digits`, the built-in drawn digits.",
      );
  }
}

function filesInFolder(path: string): readonly string[] {
  const names = listFolder(path);
  const known = names.filter(isDataName);
  if (known.length === 0) {
    const found =
      names.length === 0
        ? "is empty"
        : `has ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", ..." : ""}`;
    throw new UserError(
      `no data are found in ${path}: it ${found}`,
      `Read are ${dataFormats}, and images: ${imageFormats}.`,
    );
  }
  const whole = known.filter(isWholeDataset);
  if (known.length > 1 && whole.length > 0) {
    throw new UserError(
      `${path} holds several data sets: ${known.join(", ")}`,
      `Name one: --data ${join(path, whole[0]!)}`,
    );
  }
  return known.map((name) => join(path, name));
}
