/**
 * PNG (Portable Network Graphics, third edition, W3C 2025): every colour type and depth,
 * interlaced or not. Colour profiles and gamma are passed over, as most readers do.
 *
 * Invariant: the checksum of every chunk that is used is compared, and no more is inflated
 * than the header's size needs.
 */
import { createByteReader, type ByteReader } from "../byte-reader.js";
import { crc32 } from "../crc32.js";
import { fileError } from "../file-error.js";
import { inflateZlib } from "../inflate.js";
import { checkImageSize, type Image, type ImageChannels, type ImageHeader } from "./image.js";
import { passesOf, readPass, rowBytes, type PngLayout } from "./png-rows.js";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** Whether these begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** Samples per pixel and the depths allowed, by colour type. */
const colourTypes: ReadonlyMap<
  number,
  { readonly samples: ImageChannels; readonly depths: readonly number[] }
> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);
const paletteType = 3;

/** Deflate makes at most 1032 bytes of one; a black and white pixel takes an eighth of a byte. */
const pixelsPerByte = 1032 * 8;

interface Header extends PngLayout {
  readonly colourType: number;
}

/**
 * Size and channels, from the beginning of a file of `fileBytes` bytes. A palette counts as colour;
 * transparency that a later chunk adds is not told.
 */
export function readPngHeader(bytes: Uint8Array, source: string, fileBytes: number): ImageHeader {
  const reader = createByteReader(bytes, source, signature.length);
  const { width, height, colourType, samples } = readHeader(reader, source, fileBytes);
  return { width, height, channels: colourType === paletteType ? 3 : samples };
}

/** Reads an image. Sixteen bits a sample become eight. Throws a UserError for a file that contradicts itself. */
export function decodePng(bytes: Uint8Array, source: string): Image {
  const reader = createByteReader(bytes, source, signature.length);
  const header = readHeader(reader, source, bytes.length);
  const { palette, transparency, compressed } = readChunks(reader, source);
  const passes = passesOf(header);
  const expected = passes.reduce((sum, pass) => sum + pass.height * (1 + rowBytes(header, pass.width)), 0);
  const raw = inflateZlib(compressed, expected, source);
  const samples = new Uint16Array(header.width * header.height * header.samples);
  let at = 0;
  for (const pass of passes) {
    const end = at + pass.height * (1 + rowBytes(header, pass.width));
    readPass(header, pass, raw.subarray(at, end), samples, source);
    at = end;
  }
  if (header.colourType === paletteType) return lookUp(header, samples, palette, transparency, source);
  return toBytes(header, samples, transparency);
}

function readHeader(reader: ByteReader, source: string, fileBytes: number): Header {
  const { type, content } = readChunk(reader, source);
  if (type !== "IHDR" || content.length !== 13)
    throw fileError(source, "the file does not begin with a header", 8);
  const fields = createByteReader(content, source);
  const width = fields.u32BigEndian("the width");
  const height = fields.u32BigEndian("the height");
  const [depth = 0, colourType = 0, compression, filter, interlace] = content.subarray(8);
  const kind = colourTypes.get(colourType);
  if (kind?.depths.includes(depth) !== true || compression !== 0 || filter !== 0 || interlace! > 1) {
    throw fileError(
      source,
      `the header has colour type ${colourType} with ${depth} bits, which is no PNG`,
      24,
    );
  }
  checkImageSize({ width, height }, fileBytes * pixelsPerByte, source);
  return { width, height, depth, colourType, samples: kind.samples, isInterlaced: interlace === 1 };
}

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

function readChunk(reader: ByteReader, source: string): Chunk {
  const length = reader.u32BigEndian("the length of a chunk");
  const start = reader.position();
  const type = String.fromCharCode(...reader.take(4, "the type of a chunk"));
  const content = reader.take(length, "a chunk");
  const found = crc32(reader.since(start));
  // What is not used (texts, profiles) may be broken.
  const isUsed = type.charCodeAt(0) < 0x60 || type === "tRNS";
  if (reader.u32BigEndian("the checksum of a chunk") !== found && isUsed) {
    throw fileError(
      source,
      `the checksum of the chunk ${printable(type)} is wrong`,
      start,
      "Fetch or write the file again.",
    );
  }
  return { type, content };
}

function readChunks(reader: ByteReader, source: string) {
  const compressed: Uint8Array[] = [];
  let palette: Uint8Array | null = null;
  let transparency: Uint8Array | null = null;
  for (;;) {
    const { type, content } = readChunk(reader, source);
    if (type === "IEND") return { palette, transparency, compressed };
    if (type === "IDAT") compressed.push(content);
    else if (type === "PLTE") palette = content;
    else if (type === "tRNS") transparency = content;
    else if (type.charCodeAt(0) < 0x60) {
      throw fileError(source, `the chunk ${printable(type)} is needed and not known`, reader.position());
    }
  }
}

function printable(type: string): string {
  return type.replace(/[^A-Za-z]/g, "?");
}

function lookUp(
  { width, height }: Header,
  samples: Uint16Array,
  palette: Uint8Array | null,
  transparency: Uint8Array | null,
  source: string,
): Image {
  if (palette === null) throw fileError(source, "the palette is missing", null);
  const channels = transparency === null ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < samples.length; i++) {
    const entry = samples[i]!;
    if (3 * entry + 2 >= palette.length) {
      throw fileError(
        source,
        `pixel ${i} has colour ${entry}; the palette has ${Math.floor(palette.length / 3)}`,
        null,
      );
    }
    data.set(palette.subarray(3 * entry, 3 * entry + 3), i * channels);
    if (transparency !== null) data[i * channels + 3] = transparency[entry] ?? 255;
  }
  return { width, height, channels, data };
}

/** Scales to 0 to 255, and makes the one transparent colour of a `tRNS` chunk an alpha channel. */
function toBytes(header: Header, samples: Uint16Array, transparency: Uint8Array | null): Image {
  const { width, height, depth, samples: perPixel } = header;
  const largest = 2 ** depth - 1;
  const key = transparency === null || perPixel % 2 === 0 ? null : keyOf(transparency, perPixel);
  const channels = (key === null ? perPixel : perPixel + 1) as ImageChannels;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    let isKey = key !== null;
    for (let c = 0; c < perPixel; c++) {
      const sample = samples[i * perPixel + c]!;
      data[i * channels + c] = Math.floor((sample * 255) / largest + 0.5);
      isKey &&= sample === key![c];
    }
    if (key !== null) data[i * channels + perPixel] = isKey ? 0 : 255;
  }
  return { width, height, channels, data };
}

function keyOf(transparency: Uint8Array, perPixel: number): readonly number[] | null {
  if (transparency.length < 2 * perPixel) return null;
  return Array.from({ length: perPixel }, (_, c) => (transparency[2 * c]! << 8) | transparency[2 * c + 1]!);
}
