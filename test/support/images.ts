/** Images as files: fixtures whose pixels Pillow has told, and small ones made in a test. */
import { readFileSync } from "node:fs";
import { zlibSync } from "fflate";
import { crc32 } from "../../runtime/files/crc32.js";

export interface ExpectedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Of the pixels, the channels of each side by side. */
  readonly crc32: number;
}

/** What Pillow 9.4 (with libjpeg-turbo 2.1.5) reads in the files of test/fixtures/images, and makes of one. */
export const expected = JSON.parse(
  readFileSync(new URL("../fixtures/images/expected.json", import.meta.url), "utf8"),
) as {
  readonly images: Readonly<Record<string, ExpectedImage>>;
  /** 33x31.ppm by `Image.resize(size, BILINEAR)`, planes one after the other, by width x height. */
  readonly resized: Readonly<Record<string, number>>;
  /** 33x31.ppm by `Image.convert("L")`. */
  readonly grey: number;
};

/** The bytes of an image of test/fixtures/images. */
export function fixtureImage(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url)));
}

/** A PGM, or a PPM where `values` has three per pixel. */
export function pnm(width: number, height: number, values: readonly number[]): Uint8Array {
  const kind = values.length === width * height ? 5 : 6;
  const header = new TextEncoder().encode(`P${String(kind)} ${String(width)} ${String(height)} 255\n`);
  return Uint8Array.from([...header, ...values]);
}

/** A PNG's header: size, depth, colour type, interlacing. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly isInterlaced?: boolean;
}

/** A PNG of rows that are filtered already; `before` are chunks between header and data. */
export function png(
  { width, height, depth, colourType, isInterlaced = false }: PngHeader,
  rows: readonly number[],
  before: readonly Uint8Array[] = [],
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, colourType, 0, 0, isInterlaced ? 1 : 0], 8);
  const data = chunk("IDAT", zlibSync(Uint8Array.from(rows)));
  const parts = [pngSignature, chunk("IHDR", header), ...before, data, chunk("IEND", [])];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

export function chunk(type: string, content: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(Array.from(content), 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}
