/**
 * Files as a data set, by their names and first bytes.
 *
 * Invariant: reading is a pure function of names and contents; the order in which a
 * file system lists files does not matter.
 */
import { isNpy } from "../files/npy.js";
import { isZip } from "../files/zip.js";
import { UserError } from "../program/user-error.js";
import { cifarParts, isCifarName } from "./cifar-data.js";
import { csvParts } from "./csv-data.js";
import type { Dataset } from "./dataset.js";
import { idxParts, isIdxName } from "./idx-data.js";
import { npyParts, npzParts } from "./npz-data.js";
import { combineParts, type FileParts } from "./parts.js";

export interface DataFile {
  /** The name without folders, which tells format and split: `train-images-idx3-ubyte.gz`. */
  readonly name: string;
  /** As the user knows it, for messages. */
  readonly source: string;
  readonly bytes: Uint8Array;
}

/** For messages and help. */
export const dataFormats =
  "IDX (train-images-idx3-ubyte.gz, ...), .npz, .npy, .csv, CIFAR binary (data_batch_1.bin, ...)";

/** Whether a file's name is that of a format that can be read; others in a folder are passed over. */
export function isDataName(name: string): boolean {
  return isIdxName(name) || isCifarName(name) || /\.(npz|npy|[ct]sv(\.gz)?)$/i.test(name);
}

/** Whether such a file is a data set of its own, so that a folder of several is ambiguous. */
export function isWholeDataset(name: string): boolean {
  return /\.npz$/i.test(name);
}

/** Reads files that together are one data set. Throws a UserError for anything that is not as it should be. */
export function readDataset(name: string, files: readonly DataFile[]): Dataset {
  const sorted = [...files].sort((a, b) => compareNames(a.name, b.name));
  return combineParts(name, sorted.map(readFileParts));
}

/** By numbers where names have them, so that data_batch_10 follows data_batch_9. */
function compareNames(a: string, b: string): number {
  const padded = (name: string): string => name.replace(/\d+/g, (digits) => digits.padStart(12, "0"));
  const [left, right] = [padded(a), padded(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function readFileParts({ name, source, bytes }: DataFile): FileParts {
  if (isZip(bytes)) return npzParts(bytes, source);
  if (isNpy(bytes)) return npyParts(name, bytes, source);
  if (isCifarName(name)) return cifarParts(name, bytes, source);
  if (isIdxName(name)) return idxParts(name, bytes, source);
  if (/\.([ct]sv|txt)(\.gz)?$/i.test(name)) return csvParts(name, bytes, source);
  if (/\.npz$/i.test(name)) return npzParts(bytes, source);
  if (/\.npy$/i.test(name)) return npyParts(name, bytes, source);
  if (bytes[0] === 0 && bytes[1] === 0) return idxParts(name, bytes, source);
  throw new UserError(
    `${source}: the name tells no format of data that is known`,
    `Read are ${dataFormats}.`,
  );
}
