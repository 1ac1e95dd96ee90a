/**
 * A picture as it comes out of a file, and how large one may be.
 *
 * Invariant: `data.length` is width * height * channels; no decoder reserves memory for a
 * picture before `checkImageSize` has allowed it, so that a header cannot claim a machine.
 */
import { fileError } from "../file-error.js";

export interface Image {
  readonly width: number;
  readonly height: number;
  /** Grey; grey and alpha; red, green, blue; red, green, blue, alpha. */
  readonly channels: ImageChannels;
  /** Bytes, row by row, the channels of a pixel side by side. */
  readonly data: Uint8Array;
}

export type ImageChannels = 1 | 2 | 3 | 4;

/** What the beginning of a file says about the picture in it. */
export type ImageHeader = Omit<Image, "data">;

/** More than any camera's long side; a file that claims more is no example for a net. */
export const largestSide = 16_384;
/** 5,792 x 5,792 pixels: decoded, and with all that decoding needs, well under 1 GiB. */
export const mostPixels = 2 ** 25;

/**
 * Refuses sizes that are none, or beyond the limits, or more than `mostPossible` pixels, which is
 * what the bytes of the file can hold at most.
 */
export function checkImageSize(
  { width, height }: { readonly width: number; readonly height: number },
  mostPossible: number,
  source: string,
): void {
  if (width < 1 || height < 1) throw fileError(source, `the image is ${width} x ${height} pixels`, null);
  if (width > largestSide || height > largestSide || width * height > mostPixels) {
    throw fileError(
      source,
      `the image is ${width} x ${height} pixels; at most ${largestSide} a side and ${mostPixels} in all are read`,
      null,
      "Make it smaller first; nets see a small part of that anyway.",
    );
  }
  if (width * height > mostPossible) {
    throw fileError(
      source,
      `the header claims ${width} x ${height} pixels, far more than the file's bytes can hold`,
      null,
      "The file is cut short or damaged; fetch or write it again.",
    );
  }
}
