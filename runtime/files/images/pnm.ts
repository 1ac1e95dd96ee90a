/**
 * PGM and PPM (https://netpbm.sourceforge.net/doc/pgm.html): P2 and P3 are numbers as text,
 * P5 and P6 bytes, or two bytes, most significant first, where values exceed 255.
 */
import { fileError } from "../file-error.js";
import { checkImageSize, type Image, type ImageHeader } from "./image.js";

/** Whether these begin as a PGM or PPM does. */
export function isPnm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && [0x32, 0x33, 0x35, 0x36].includes(bytes[1] ?? 0);
}

interface PnmHeader extends ImageHeader {
  readonly channels: 1 | 3;
  readonly isPlain: boolean;
  /** The value that stands for white. */
  readonly maximum: number;
  /** Where the pixels begin. */
  readonly end: number;
}

/**
 * Size and channels, from the beginning of a file of `fileBytes` bytes. Throws a UserError when the
 * file cannot hold as many pixels.
 */
export function readPnmHeader(bytes: Uint8Array, source: string, fileBytes: number): PnmHeader {
  const kind = bytes[1]! - 0x30;
  const scanner = createScanner(bytes, source, 2);
  const width = scanner.number("the width");
  const height = scanner.number("the height");
  const maximum = scanner.number("the largest value");
  if (maximum < 1 || maximum > 65_535) {
    throw fileError(source, `the largest value is ${maximum}; it should be 1 to 65535`, scanner.position());
  }
  // One white space character ends the header of a binary file; text may go on as it likes.
  const [isPlain, channels] = [kind <= 3, kind % 3 === 0 ? 3 : 1] as const;
  const end = scanner.position() + 1;
  const bytesPerPixel = (isPlain || maximum > 255 ? 2 : 1) * channels;
  // The last number of a text needs no white space behind it.
  const pixels = Math.floor((fileBytes - end + (isPlain ? 1 : 0)) / bytesPerPixel);
  checkImageSize({ width, height }, Infinity, source);
  if (width * height > pixels) {
    throw fileError(
      source,
      `${width} x ${height} pixels take at least ${width * height * bytesPerPixel} bytes, ` +
        `but ${Math.max(0, fileBytes - end)} follow the header`,
      end,
      "The file is cut short; fetch or write it again.",
    );
  }
  return { width, height, channels, isPlain, maximum, end };
}

/** Reads an image; values are scaled to 0 to 255. */
export function decodePnm(bytes: Uint8Array, source: string): Image {
  const { width, height, channels, isPlain, maximum, end } = readPnmHeader(bytes, source, bytes.length);
  const data = new Uint8Array(width * height * channels);
  const scanner = createScanner(bytes, source, end - 1);
  const next = isPlain
    ? () => scanner.number("a pixel")
    : maximum > 255
      ? (at: number) => (bytes[end + 2 * at]! << 8) | bytes[end + 2 * at + 1]!
      : (at: number) => bytes[end + at]!;
  for (let at = 0; at < data.length; at++) {
    const value = next(at);
    if (value > maximum) {
      throw fileError(
        source,
        `pixel ${Math.floor(at / channels)} is ${value}, above the largest, ${maximum}`,
        null,
      );
    }
    data[at] = maximum === 255 ? value : Math.floor((value * 255) / maximum + 0.5);
  }
  return { width, height, channels, data };
}

/** Numbers between white space; a `#` begins a comment that ends with the line. */
function createScanner(bytes: Uint8Array, source: string, start: number) {
  let position = start;
  const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  const isSpace = (byte: number | undefined): boolean => byte === 0x20 || (byte! >= 9 && byte! <= 13);
  const skip = (): void => {
    while (isSpace(bytes[position]) || bytes[position] === 0x23) {
      if (bytes[position] !== 0x23) position++;
      else while (position < bytes.length && bytes[position] !== 10) position++;
    }
  };
  return {
    position: () => position,
    /** A whole number below a million, which is as much as any field means. */
    number: (what: string): number => {
      skip();
      let value = 0;
      const first = position;
      while (isDigit(bytes[position]) && value < 1e6) value = 10 * value + bytes[position++]! - 0x30;
      if (position === first || value >= 1e6) {
        const found = position === bytes.length ? "the file ends" : "there is something else";
        throw fileError(source, `${what} should be a whole number below 1000000, but ${found}`, position);
      }
      return value;
    },
  };
}
