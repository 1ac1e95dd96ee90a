/**
 * JPEG (ITU-T T.81): baseline, extended and progressive with Huffman codes, 8 bits, grey,
 * YCbCr, RGB, CMYK. The arithmetic is that of the Independent JPEG Group's library with its
 * default settings, so pixels are the same bits as libjpeg, Pillow and torchvision give.
 *
 * Invariant: nothing is reserved for a picture that the file's bytes could not fill, and what
 * is cut short or contradicts itself is a UserError, never a half-grey picture.
 */
import { createByteReader, type ByteReader } from "../byte-reader.js";
import { fileError } from "../file-error.js";
import { checkImageSize, type Image, type ImageHeader } from "./image.js";
import { joinComponents, type JpegColours } from "./jpeg-colours.js";
import { createFrame, type JpegFrame } from "./jpeg-frame.js";
import { readHuffmanTable, type HuffmanTable } from "./jpeg-huffman.js";
import { reconstruct } from "./jpeg-inverse.js";
import { decodeScan, zigzag, type ScanComponent } from "./jpeg-scan.js";

/** Whether these begin as a JPEG does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

const marker = {
  huffmanTables: 0xc4,
  end: 0xd9,
  scan: 0xda,
  quantizationTables: 0xdb,
  lines: 0xdc,
  restartInterval: 0xdd,
  jfif: 0xe0,
  adobe: 0xee,
} as const;

/** Of 64 coefficients each in two bits at least, and never fewer than a bit per block. */
const pixelsPerByte = 8 * 64;

/** A progressive image has about ten; each may cost a pass over all of it. */
const mostScans = 100;

/** Size and channels, from the beginning of a file of `fileBytes` bytes; null when they stand further behind. */
export function readJpegHeader(bytes: Uint8Array, source: string, fileBytes: number): ImageHeader | null {
  const reader = createByteReader(bytes, source, 2);
  const isWhole = bytes.length === fileBytes;
  while (isWhole || reader.remaining() >= 4) {
    const kind = nextMarker(reader);
    if (kind === marker.end || kind === marker.scan)
      throw reader.fail("there is no frame before the first scan");
    const start = reader.position();
    const length = reader.u16BigEndian("the length of a segment");
    if (!isWhole && reader.remaining() < length) return null;
    const content = reader.take(Math.max(0, length - 2), "a segment");
    if (!isFrame(kind)) continue;
    const { width, height, components } = readFrame(kind, content, source, start, fileBytes);
    return { width, height, channels: components.length === 1 ? 1 : 3 };
  }
  return null;
}

/** Reads an image; CMYK becomes red, green, blue. */
export function decodeJpeg(bytes: Uint8Array, source: string): Image {
  const reader = createByteReader(bytes, source, 2);
  const quantization = new Map<number, Uint16Array>();
  const huffman = new Map<number, HuffmanTable>();
  let colours: JpegColours = { isJfif: false, adobeTransform: null };
  let frame: JpegFrame | null = null;
  let restartInterval = 0;
  let scans = 0;
  for (let kind = nextMarker(reader); kind !== marker.end; kind = nextMarker(reader)) {
    const start = reader.position();
    const length = reader.u16BigEndian("the length of a segment");
    const content = reader.take(Math.max(0, length - 2), "a segment");
    if (isFrame(kind)) {
      if (frame !== null) throw fileError(source, "there are two frames", start);
      frame = createFrame(readFrame(kind, content, source, start, bytes.length));
    } else if (kind === marker.quantizationTables) readQuantization(content, source, quantization);
    else if (kind === marker.huffmanTables) readHuffman(content, source, huffman);
    else if (kind === marker.restartInterval) restartInterval = (content[0]! << 8) | content[1]!;
    else if (kind === marker.jfif && startsWith(content, "JFIF")) colours = { ...colours, isJfif: true };
    else if (kind === marker.adobe && startsWith(content, "Adobe")) {
      colours = { ...colours, adobeTransform: content[11] ?? null };
    } else if (kind === marker.lines) throw unsupported(source, "a height that follows the picture", start);
    else if (kind === marker.scan) {
      if (frame === null) throw fileError(source, "there is a scan before the frame", start);
      if (++scans > mostScans) throw fileError(source, `there are more than ${mostScans} scans`, start);
      const scan = readScan(content, frame, huffman, source, start);
      for (const { component } of scan.components) {
        component.quantization ??= quantization.get(component.quantizationTable) ?? null;
      }
      const end = decodeScan(bytes, reader.position(), { ...scan, frame, restartInterval }, source);
      reader.take(end - reader.position(), "a scan");
    }
  }
  if (frame === null || scans === 0) throw fileError(source, "there is no picture in the file", bytes.length);
  const planes = frame.components.map((component) => {
    const table = component.quantization;
    if (table === null)
      throw fileError(source, "a component has no data, or its quantization table is missing", null);
    return reconstruct(component, table);
  });
  return joinComponents(frame, planes, colours);
}

/** Steps over fill bytes to the next marker that begins something, and over it. */
function nextMarker(reader: ByteReader): number {
  for (;;) {
    const at = reader.position();
    if (reader.u8("a marker") !== 0xff)
      throw reader.fail("there should be a marker", "The file is damaged.", at);
    let kind = 0xff;
    while (kind === 0xff) kind = reader.u8("a marker");
    // Restart markers, and one for temporary use, have no content; one may follow the last scan.
    const standsAlone = (kind >= 0xd0 && kind <= 0xd7) || kind === 0x01;
    if (!standsAlone) return kind;
  }
}

function isFrame(kind: number): boolean {
  return kind >= 0xc0 && kind <= 0xcf && kind !== marker.huffmanTables && kind !== 0xc8 && kind !== 0xcc;
}

function readFrame(kind: number, content: Uint8Array, source: string, at: number, fileBytes: number) {
  if (kind >= 0xc9) throw unsupported(source, "arithmetic coding", at);
  if (kind > 0xc2) throw unsupported(source, kind === 0xc3 ? "lossless coding" : "hierarchical coding", at);
  const reader = createByteReader(content, source);
  const depth = reader.u8("the depth");
  if (depth !== 8) throw unsupported(source, `${depth} bits a sample`, at);
  const height = reader.u16BigEndian("the height");
  const width = reader.u16BigEndian("the width");
  const count = reader.u8("the number of components");
  if (height === 0) throw unsupported(source, "a height that follows the picture", at);
  if (![1, 3, 4].includes(count))
    throw fileError(source, `there are ${count} components; 1, 3 or 4 are known`, at);
  const components = Array.from({ length: count }, () => {
    const id = reader.u8("a component");
    const sampling = reader.u8("the sampling of a component");
    const [across, down] = [sampling >> 4, sampling & 15];
    if (across < 1 || across > 4 || down < 1 || down > 4) {
      throw fileError(
        source,
        `component ${id} has sampling factors ${across} x ${down}; 1 to 4 are known`,
        at,
      );
    }
    return { id, across, down, quantizationTable: reader.u8("the table of a component") };
  });
  const blocks = components.map(({ across, down }) => across * down);
  // The largest part of a file's blocks that one component can have bounds the picture.
  checkImageSize({ width, height }, fileBytes * pixelsPerByte * Math.max(...blocks), source);
  return { width, height, components, isProgressive: kind === 0xc2 };
}

function readQuantization(content: Uint8Array, source: string, tables: Map<number, Uint16Array>): void {
  const reader = createByteReader(content, source);
  while (reader.remaining() > 0) {
    const head = reader.u8("a quantization table");
    const table = new Uint16Array(64);
    for (let i = 0; i < 64; i++) {
      table[zigzag[i]!] = head >> 4 ? reader.u16BigEndian("a divisor") : reader.u8("a divisor");
    }
    tables.set(head & 15, table);
  }
}

/** DC tables keep their number, AC tables have 16 added, as in the file. */
function readHuffman(content: Uint8Array, source: string, tables: Map<number, HuffmanTable>): void {
  const reader = createByteReader(content, source);
  while (reader.remaining() > 0) {
    const key = reader.u8("a Huffman table");
    const counts = reader.take(16, "the lengths of the codes");
    const total = counts.reduce((sum, count) => sum + count, 0);
    const table = readHuffmanTable(counts, reader.take(total, "the symbols"));
    if (table === null) throw fileError(source, "a Huffman table has more codes than there can be", null);
    tables.set(key, table);
  }
}

function readScan(
  content: Uint8Array,
  frame: JpegFrame,
  tables: ReadonlyMap<number, HuffmanTable>,
  source: string,
  at: number,
) {
  const reader = createByteReader(content, source);
  const count = reader.u8("the number of components");
  const components = Array.from({ length: count }, (): ScanComponent => {
    const id = reader.u8("a component");
    const component = frame.components.find((candidate) => candidate.id === id);
    if (component === undefined)
      throw fileError(source, `the scan's component ${id} is not of the frame`, at);
    const table = reader.u8("the tables of a component");
    return { component, dc: tables.get(table >> 4) ?? null, ac: tables.get(16 | (table & 15)) ?? null };
  });
  const [first, last, successive] = ["first", "last", "bits"].map((what) => reader.u8(`the scan's ${what}`));
  const [high, low] = [successive! >> 4, successive! & 15];
  const blocks = components.reduce((sum, { component }) => sum + component.across * component.down, 0);
  const isSequence = new Set(components.map(({ component }) => component)).size === count;
  const fits = frame.isProgressive
    ? first! <= last! && last! <= 63 && (first === 0 ? last === 0 : count === 1) && low <= 13
    : true;
  if (count < 1 || !isSequence || !fits || (count > 1 && blocks > 10)) {
    throw fileError(source, "a scan's header contradicts itself", at);
  }
  return frame.isProgressive
    ? { components, first: first!, last: last!, high, low }
    : { components, first: 0, last: 63, high: 0, low: 0 };
}

function startsWith(content: Uint8Array, word: string): boolean {
  return [...word].every((letter, i) => content[i] === letter.charCodeAt(0));
}

function unsupported(source: string, what: string, at: number): Error {
  return fileError(
    source,
    `the JPEG has ${what}, which is not read`,
    at,
    "Save it as a baseline JPEG or as PNG.",
  );
}
