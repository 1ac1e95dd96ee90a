/**
 * Decompression that a hostile file cannot turn into endless memory: the output is
 * counted as it comes and stopped at a limit.
 *
 * Invariant: at most the limit, plus what one piece of input can expand to, is ever
 * held; every failure is a UserError.
 */
import { Gunzip, Inflate } from "fflate";
import { UserError } from "../program/user-error.js";
import { createByteReader } from "./byte-reader.js";
import { crc32 } from "./crc32.js";
import { fileError } from "./file-error.js";

/** Deflate expands at most 1032 times, so a piece of this size to 17 MB. */
const pieceBytes = 16_384;

/** Real data shrinks to a tenth or a fiftieth, not to a thousandth as a bomb does. */
const plausibleRatio = 250;
const alwaysAllowed = 64 * 2 ** 20;
const neverAllowed = 2 ** 31 - 1;

/** How much `compressedBytes` may become before the file counts as a bomb. */
export function inflationLimit(compressedBytes: number): number {
  return Math.min(neverAllowed, Math.max(alwaysAllowed, plausibleRatio * compressedBytes));
}

/** Whether these are gzip data, by their first two bytes. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The content of a gzip file, its length and checksum compared with the trailer. */
export function gunzip(bytes: Uint8Array, source: string): Uint8Array {
  let members = 1;
  const content = collect(bytes, source, inflationLimit(bytes.length), (write) => {
    const stream = new Gunzip(write);
    stream.onmember = () => members++;
    return stream;
  });
  // A trailer tells only of its own member; files of several members are rare.
  if (members === 1) {
    const trailer = createByteReader(bytes, source, Math.max(0, bytes.length - 8));
    checkTrailer(content, trailer.u32("the checksum"), trailer.u32("the length"), source, bytes.length - 8);
  }
  return content;
}

/** Raw deflate data of which `expectedBytes` must come out. */
export function inflateExactly(bytes: Uint8Array, expectedBytes: number, source: string): Uint8Array {
  const content = collect(bytes, source, expectedBytes, (write) => new Inflate(write));
  if (content.length !== expectedBytes) {
    throw fileError(
      source,
      `the compressed data should give ${expectedBytes} bytes and give ${content.length}`,
      null,
    );
  }
  return content;
}

/** Zlib data in pieces, of which `expectedBytes` must come out; its checksum is left to the format around it. */
export function inflateZlib(
  pieces: readonly Uint8Array[],
  expectedBytes: number,
  source: string,
): Uint8Array {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = join(pieces, total);
  const [method = 0, flags = 0] = bytes;
  if ((method & 15) !== 8 || (method * 256 + flags) % 31 !== 0 || (flags & 32) !== 0) {
    throw fileError(source, "the compressed data are missing, or not compressed by deflate", null);
  }
  return inflateExactly(bytes.subarray(2, Math.max(2, total - 4)), expectedBytes, source);
}

interface InflateStream {
  readonly push: (piece: Uint8Array, final: boolean) => void;
}

function collect(
  bytes: Uint8Array,
  source: string,
  limit: number,
  open: (write: (piece: Uint8Array) => void) => InflateStream,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = open((piece) => {
    total += piece.length;
    if (total > limit) {
      throw fileError(
        source,
        `the compressed data grow beyond ${limit} bytes, far more than ${bytes.length} bytes should`,
        null,
        "If the file is meant to, decompress it yourself first.",
      );
    }
    pieces.push(piece);
  });
  try {
    for (let start = 0; start === 0 || start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes);
      stream.push(piece, start + pieceBytes >= bytes.length);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw fileError(source, `the compressed data are damaged or cut short: ${reason}`, null);
  }
  return join(pieces, total);
}

function join(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const joined = new Uint8Array(total);
  let position = 0;
  for (const piece of pieces) {
    joined.set(piece, position);
    position += piece.length;
  }
  return joined;
}

function checkTrailer(
  content: Uint8Array,
  checksum: number,
  length: number,
  source: string,
  at: number,
): void {
  if (length !== content.length % 2 ** 32) {
    throw fileError(
      source,
      `the gzip trailer says ${length} bytes, and ${content.length} came out`,
      at,
      "The file is cut short or damaged; fetch it again.",
    );
  }
  if (checksum !== crc32(content)) {
    throw fileError(
      source,
      "the gzip checksum does not match the content",
      at,
      "The file is damaged; fetch it again.",
    );
  }
}
