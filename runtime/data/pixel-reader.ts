/**
 * Image files as examples of one size, decoded when they are read and kept while they fit
 * into memory.
 *
 * Invariant: what is read depends on the file and the fit alone, never on what was kept.
 */
import { decodeImage } from "../files/images/image-file.js";
import type { ImageHeader } from "../files/images/image.js";
import { fitImage, fitSize, type ImageFit, type ImageHalf } from "./fit-image.js";

/** An image file, looked at but not decoded. */
export interface ImageEntry {
  /** As the user knows it, for messages. */
  readonly source: string;
  readonly header: ImageHeader;
  /** The content. Throws a UserError when the file has gone. */
  readonly read: () => Uint8Array;
  /** Where it lies, for those who can read it themselves; null for what is only in memory. */
  readonly path: string | null;
  /** Which half of the file's picture is meant; null for all of it. */
  readonly half: ImageHalf | null;
}

export interface PixelReader {
  /** The pixels of an example, planes first; valid until the next call. Throws a UserError for a damaged file. */
  readonly read: (example: number) => Uint8Array;
  /** Says what will be read soon, in this order, so that it can be decoded meanwhile. */
  readonly expect: (examples: Uint32Array) => void;
}

/** Opens images for reading at one size, keeping at most `cacheBytes` of them decoded. */
export type OpenPixels = (images: readonly ImageEntry[], fit: ImageFit, cacheBytes: number) => PixelReader;

/** Decoded pixels of all inputs together that are kept. */
export const defaultCacheBytes = 512 * 2 ** 20;

/** Decodes in the calling thread, at the moment an example is read. */
export const openPixels: OpenPixels = (images, fit, cacheBytes) => {
  const size = fitSize(fit);
  const kept = new Map<number, Uint8Array>();
  const most = Math.floor(cacheBytes / size);
  return {
    read: (example) => {
      const before = kept.get(example);
      if (before !== undefined) return before;
      const pixels = decodeEntry(images[example]!, fit);
      if (kept.size < most) kept.set(example, pixels);
      return pixels;
    },
    expect: () => undefined,
  };
};

/** Decodes one image and brings it to its size. */
export function decodeEntry({ source, read, half }: ImageEntry, fit: ImageFit): Uint8Array {
  return fitImage(decodeImage(read(), source), half, fit);
}
