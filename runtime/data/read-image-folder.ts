/** Image files whose bytes are at hand, as a browser has them, as a data set. */
import { isImageName, readImageHeader } from "../files/images/image-file.js";
import { UserError } from "../program/user-error.js";
import type { Dataset } from "./dataset.js";
import { imageDataset, noteOnOthers } from "./image-folder.js";
import type { Pairs } from "./image-pairs.js";
import { openPixels } from "./pixel-reader.js";

export interface NamedBytes {
  /** Where the file is inside the folder, with slashes: `train/cat/1.png`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads images as a folder of them is read: `cat/1.png` has the label of `cat`, and so on.
 * Decoded are PNG, JPEG, PGM and PPM, everywhere to the same bits, when examples are needed.
 * Throws a UserError for files that are no images or folders that make no data set.
 */
export function readImageFolder(
  name: string,
  files: readonly NamedBytes[],
  options: { readonly pairs?: Pairs } = {},
): Dataset {
  const images = files.filter(({ path }) => isImageName(path));
  const folders = new Map<string, readonly string[]>();
  for (const { path } of images) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      folders.set(parts.slice(0, depth).join("/"), parts.slice(0, depth));
    }
  }
  const dataset = imageDataset(
    {
      name,
      folders: [...folders.values()],
      openPixels,
      images: images.map(({ path, bytes }) => ({
        path: path.split("/"),
        entry: { source: path, header: headerOf(bytes, path), read: () => bytes, path: null, half: null },
      })),
    },
    options.pairs ?? "auto",
  );
  const others = files.filter(({ path }) => !isImageName(path)).map(({ path }) => path);
  return { ...dataset, notes: [...noteOnOthers(name, others), ...dataset.notes] };
}

function headerOf(bytes: Uint8Array, source: string) {
  const header = readImageHeader(bytes, source, bytes.length);
  if (header === null) throw new UserError(`${source}: the file ends before the image begins`);
  return header;
}
