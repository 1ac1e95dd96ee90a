/**
 * Folders of images as a data set: a folder per class, or none, or two whose images belong
 * together; each of them for all examples, or in folders named `train` and `test` or `val`.
 *
 * Invariant: the result depends on the paths and the pictures alone, not on the order in which
 * they are listed. A label is the position of its class among all classes, sorted.
 */
import { UserError } from "../program/user-error.js";
import { quote } from "../files/file-error.js";
import { listClasses } from "./dataset.js";
import type { DataArray, Dataset, Split, SplitName } from "./dataset.js";
import { channelsOf, sizesOf } from "./image-inputs.js";
import { formatOffenders } from "../files/offenders.js";
import { findPairs, type Pairs, splitHalves } from "./image-pairs.js";
import { splitOfName } from "./parts.js";
import type { ImageEntry, OpenPixels } from "./pixel-reader.js";

/** An image of a folder: where it is in there, `["train", "cat", "1.png"]`. */
export interface FolderImage {
  readonly path: readonly string[];
  readonly entry: ImageEntry;
}

export interface ImageFolder {
  /** For messages: the folder's path. */
  readonly name: string;
  readonly images: readonly FolderImage[];
  /** Every folder inside, the empty ones too. */
  readonly folders: readonly (readonly string[])[];
  readonly openPixels: OpenPixels;
}

/** Reads the folder's order as a data set. Throws a UserError that names the folders that do not fit into one. */
export function imageDataset(folder: ImageFolder, pairs: Pairs): Dataset {
  if (folder.images.length === 0) throw new UserError(`there is not a single image in ${folder.name}`);
  const parts = splitFolder(folder);
  const train = parts.get("train");
  if (train === undefined) {
    throw new UserError(
      `${folder.name} has folders for ${[...parts.keys()].join(" and ")}, and none to learn from`,
      "Put the training images into a folder called train beside them.",
    );
  }
  const learned = readExamples(train, pairs, null);
  const readOther = (name: SplitName): Split | null => {
    const part = parts.get(name);
    return part === undefined ? null : toSplit(name, readExamples(part, pairs, learned), folder);
  };
  return {
    name: folder.name,
    train: toSplit("train", learned, folder),
    validation: readOther("validation"),
    test: readOther("test"),
    notes: learned.notes,
  };
}

/** A part of the folder, its paths shortened to what is inside. */
type Part = Pick<ImageFolder, "name" | "images" | "folders">;

/** One part for all, or one for each folder named as splits are. */
function splitFolder(folder: ImageFolder): ReadonlyMap<SplitName, Part> {
  const tops = [...new Set(folder.folders.map(([top]) => top ?? ""))];
  const splitNamed = (name: string): SplitName | null => {
    const { split, rest } = splitOfName(name);
    return rest === "" ? split : null;
  };
  const named = tops.filter((top) => splitNamed(top) !== null);
  if (named.length === 0) return new Map([["train", folder]]);
  const others = tops.filter((top) => splitNamed(top) === null);
  const loose = folder.images.filter(({ path }) => path.length === 1).map(({ path }) => path[0] ?? "");
  if (others.length + loose.length > 0) {
    throw new UserError(
      `${folder.name} has ${named.join(" and ")}, and beside them ${formatOffenders([...others, ...loose], others.length + loose.length)}`,
      "Where one folder is named train, test or val, all images belong into such folders.",
    );
  }
  const hasTest = named.some((top) => splitNamed(top) === "test");
  const parts = new Map<SplitName, Part>();
  for (const top of named) {
    const meant = splitNamed(top)!;
    const split = meant === "validation" && !hasTest ? "test" : meant;
    if (parts.has(split))
      throw new UserError(`${folder.name} has several folders for the ${split} data: ${named.join(", ")}`);
    parts.set(split, {
      name: `${folder.name}/${top}`,
      images: folder.images
        .filter(({ path }) => path[0] === top)
        .map(({ path, entry }) => ({ path: path.slice(1), entry })),
      folders: folder.folders
        .filter((path) => path[0] === top && path.length > 1)
        .map((path) => path.slice(1)),
    });
  }
  return parts;
}

/** Images, and what belongs to each, in the order of their paths. */
export interface Examples {
  readonly source: string;
  /** Arrays of images, by their names. */
  readonly images: ReadonlyMap<string, readonly ImageEntry[]>;
  /** The class folders; null where there are none. */
  readonly classes: readonly string[] | null;
  readonly labels: Int32Array;
  readonly notes: readonly string[];
}

/** @param like the training examples, whose classes and arrays others must have too; null for them themselves */
function readExamples(part: Part, pairs: Pairs, like: Examples | null): Examples {
  const images = [...part.images].sort((a, b) => comparePaths(a.path, b.path));
  const sorted = { ...part, images };
  if (images.length === 0) throw new UserError(`there is not a single image in ${part.name}`);
  const deep = images.filter(({ path }) => path.length > 2);
  if (deep.length > 0) {
    const list = deep.map(({ path }) => path.join("/"));
    throw new UserError(
      `${part.name} has images in folders of folders: ${formatOffenders(list, list.length)}`,
      "A folder stands for a class, and holds images only.",
    );
  }
  const loose = images.filter(({ path }) => path.length === 1);
  if (loose.length > 0 && loose.length < images.length) {
    const list = loose.map(({ path }) => path.join("/"));
    throw new UserError(
      `${part.name} has images beside its folders: ${formatOffenders(list, list.length)}`,
      "Folders stand for classes; put every image into one, or all beside each other.",
    );
  }
  const source = part.name;
  if (pairs === "side-by-side")
    return { source, ...splitHalves(images), classes: null, labels: new Int32Array(0) };
  const paired = findPairs(sorted, pairs, like === null ? null : [...like.images.keys()]);
  if (paired !== null) return { source, ...paired, classes: null, labels: new Int32Array(0) };
  if (loose.length > 0) {
    const all = new Map([["image", images.map(({ entry }) => entry)]]);
    return { source, images: all, classes: null, labels: new Int32Array(0), notes: [] };
  }
  return readClasses(sorted, like);
}

/** Code unit by code unit, as Python sorts, folder by folder. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, i) => name !== b[i]);
  if (at < 0) return a.length - b.length;
  const [left, right] = [a[at]!, b[at] ?? ""];
  return left < right ? -1 : 1;
}

function readClasses(part: Part, like: Examples | null): Examples {
  const found = [...new Set(part.folders.map(([top]) => top ?? ""))].sort();
  const filled = new Set(part.images.map(({ path }) => path[0] ?? ""));
  const empty = found.filter((name) => !filled.has(name));
  if (empty.length > 0 && like === null) {
    throw new UserError(
      `${part.name}: ${empty.length === 1 ? "a class folder has" : "class folders have"} no image: ${formatOffenders(empty, empty.length)}`,
      "Fill or remove them; every folder would take a label.",
    );
  }
  const classes = like?.classes ?? [...filled].sort();
  const unknown = [...filled].filter((name) => !classes.includes(name)).sort();
  if (unknown.length > 0) {
    throw new UserError(
      `${part.name} has classes that the training data have not: ${formatOffenders(unknown, unknown.length)}`,
      `The training data have ${listClasses(classes)}.`,
    );
  }
  const labelOf = new Map(classes.map((name, label) => [name, label]));
  return {
    source: part.name,
    images: new Map([["image", part.images.map(({ entry }) => entry)]]),
    classes,
    labels: Int32Array.from(part.images, ({ path }) => labelOf.get(path[0] ?? "") ?? 0),
    notes: like === null ? [`Labels are the folders of ${part.name}, sorted: ${listClasses(classes)}.`] : [],
  };
}

function toSplit(name: SplitName, examples: Examples, { openPixels }: ImageFolder): Split {
  const { source, labels, classes } = examples;
  const arrays = [...examples.images].map(([array, images]): DataArray => {
    const [size] = sizesOf(images);
    return {
      name: array,
      source,
      shape: [channelsOf(images), size?.height ?? 0, size?.width ?? 0],
      values: { kind: "images", images, openPixels },
    };
  });
  if (classes !== null) {
    arrays.push({ name: "label", source, shape: [], values: { kind: "integers", data: labels }, classes });
  }
  const [first] = examples.images.values();
  return { name, count: first?.length ?? 0, arrays };
}

/** Names of what is no image, for a note; empty when there is nothing. */
export function noteOnOthers(folder: string, others: readonly string[]): readonly string[] {
  if (others.length === 0) return [];
  const list = formatOffenders(others.map(quote), others.length);
  return [`Passed over in ${folder}, as they are not named like images: ${list}.`];
}
