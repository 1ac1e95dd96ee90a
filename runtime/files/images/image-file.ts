/** Image files of every format that is read, told apart by their first bytes. */
import { fileError } from "../file-error.js";
import type { Image, ImageHeader } from "./image.js";
import { decodeJpeg, isJpeg, readJpegHeader } from "./jpeg.js";
import { decodePng, isPng, readPngHeader } from "./png.js";
import { decodePnm, isPnm, readPnmHeader } from "./pnm.js";

/** For messages and help. */
export const imageFormats = "PNG, JPEG, PGM and PPM";

/** Whether a file is named as images that are read are. */
export function isImageName(name: string): boolean {
  return /\.(png|jpe?g|pgm|ppm|pnm)$/i.test(name);
}

/** This much of a file's beginning nearly always tells its size; camera pictures begin with a thumbnail. */
export const headerBytes = 2 ** 16;

/**
 * Size and channels, from the beginning of a file of `fileBytes` bytes; null when more of it is
 * needed. Throws a UserError for what is no image, or no reasonable one.
 */
export function readImageHeader(
  beginning: Uint8Array,
  source: string,
  fileBytes: number,
): ImageHeader | null {
  if (isJpeg(beginning)) return readJpegHeader(beginning, source, fileBytes);
  if (isPng(beginning)) return readPngHeader(beginning, source, fileBytes);
  if (isPnm(beginning)) return readPnmHeader(beginning, source, fileBytes);
  throw noImage(beginning, source);
}

/**
 * Whether a file's last bytes end an image, so that one that is cut short is found without
 * decoding it. False says nothing: some writers add bytes of their own.
 */
export function endsAsImage(beginning: Uint8Array, end: Uint8Array): boolean {
  if (isJpeg(beginning)) return end.at(-2) === 0xff && end.at(-1) === 0xd9;
  if (isPng(beginning)) return [...end.slice(-8, -4)].join() === "73,69,78,68";
  // The header has been compared with the file's length, which a text does not determine.
  return beginning[1]! >= 0x35;
}

/** Decodes an image. Throws a UserError with the file's name for everything that is wrong with it. */
export function decodeImage(bytes: Uint8Array, source: string): Image {
  if (isJpeg(bytes)) return decodeJpeg(bytes, source);
  if (isPng(bytes)) return decodePng(bytes, source);
  if (isPnm(bytes)) return decodePnm(bytes, source);
  throw noImage(bytes, source);
}

function noImage(bytes: Uint8Array, source: string): Error {
  if (bytes.length === 0)
    return fileError(source, "the file is empty", null, "Fetch it again, or remove it.");
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return fileError(
    source,
    `this is not an image that is read: it begins with ${start}`,
    0,
    `Read are ${imageFormats}; convert others first.`,
  );
}
