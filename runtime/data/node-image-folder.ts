/**
 * Images in folders of this machine: found, and looked at without being decoded.
 *
 * Invariant: a file that is empty, cut short, or no image at all is told before anything runs.
 */
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  decodeImage,
  endsAsImage,
  headerBytes,
  isImageName,
  readImageHeader,
} from "../files/images/image-file.js";
import type { ImageHeader } from "../files/images/image.js";
import { readEnds, readFile } from "../files/node-files.js";
import { UserError } from "../program/user-error.js";
import type { Dataset } from "./dataset.js";
import { imageDataset, noteOnOthers, type FolderImage, type ImageFolder } from "./image-folder.js";
import type { Pairs } from "./image-pairs.js";
import { openPixelsAhead } from "./node-pixel-reader.js";
import { formatOffenders } from "../files/offenders.js";
import type { ImageEntry } from "./pixel-reader.js";

/** Splits, classes, images: nothing of a data set lies deeper. */
const deepest = 4;

/** A folder's images, or null when there are none in it. */
export function openImageFolder(name: string, pairs: Pairs): Dataset | null {
  const listing: Listing = { images: [], folders: [], others: [] };
  list(name, [], listing);
  if (listing.images.length === 0) return null;
  const folder = toFolder(
    name,
    listing.folders,
    listing.images.map((path) => [path, join(name, ...path)] as const),
  );
  const dataset = imageDataset(folder, pairs);
  return { ...dataset, notes: [...noteOnOthers(name, listing.others), ...dataset.notes] };
}

/** Image files that were named one by one, as one flat folder. */
export function openImageFiles(name: string, paths: readonly string[], pairs: Pairs): Dataset {
  return imageDataset(
    toFolder(
      name,
      [],
      paths.map((path) => [[path], path] as const),
    ),
    pairs,
  );
}

function toFolder(
  name: string,
  folders: readonly (readonly string[])[],
  files: readonly (readonly [path: readonly string[], file: string])[],
): ImageFolder {
  const images: FolderImage[] = [];
  const failures: UserError[] = [];
  for (const [path, file] of files) {
    try {
      images.push({ path, entry: imageEntry(file) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first !== undefined) {
    const messages = failures.map(({ message }) => message);
    throw new UserError(formatOffenders(messages, messages.length, ",\n"), first.advice);
  }
  return { name, images, folders, openPixels: openPixelsAhead };
}

/** Looks at the beginning and the end of an image file. Throws a UserError for what cannot be decoded. */
export function imageEntry(file: string): ImageEntry {
  return { source: file, header: examine(file), read: () => readFile(file), path: resolve(file), half: null };
}

function examine(file: string): ImageHeader {
  const { beginning, end, bytes } = readEnds(file, headerBytes, 16);
  const header = readImageHeader(beginning, file, bytes);
  if (header !== null && endsAsImage(beginning, end)) return header;
  // Whether it is cut short, only decoding tells.
  return decodeImage(readFile(file), file);
}

interface Listing {
  readonly images: string[][];
  readonly folders: string[][];
  readonly others: string[];
}

/** Hidden files, and what other systems leave in folders, are no data. */
function isClutter(name: string): boolean {
  return name.startsWith(".") || ["__MACOSX", "Thumbs.db", "desktop.ini"].includes(name);
}

function list(root: string, path: readonly string[], into: Listing): void {
  const folder = join(root, ...path);
  for (const name of readdirSync(folder).sort()) {
    if (isClutter(name)) continue;
    const inside = [...path, name];
    // A link leads to what it means; one that leads nowhere is a missing image.
    const isFolder = statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (isFolder && inside.length < deepest) {
      into.folders.push(inside);
      list(root, inside, into);
    } else if (!isFolder && isImageName(name)) into.images.push(inside);
    else into.others.push(inside.join("/"));
  }
}
