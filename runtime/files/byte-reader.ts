/**
 * Reads a binary file from its start to its end without ever stepping outside.
 *
 * Invariant: `position` only grows and never passes the end; what is missing is told
 * as a truncated file, with the byte where it should have been.
 */
import { fileError } from "./file-error.js";

export interface ByteReader {
  /** The next byte to be read. */
  readonly position: () => number;
  readonly remaining: () => number;
  /** A view of the next `count` bytes. `what` says what they are, for the message: `the header`. */
  readonly take: (count: number, what: string) => Uint8Array;
  /** A view of what was read since `start`. */
  readonly since: (start: number) => Uint8Array;
  readonly u8: (what: string) => number;
  readonly u16: (what: string) => number;
  readonly u32: (what: string) => number;
  /** A 64-bit length; one above 2^53 is reported as more than any file holds. */
  readonly u64: (what: string) => number;
  readonly u16BigEndian: (what: string) => number;
  readonly u32BigEndian: (what: string) => number;
  readonly fail: (problem: string, advice?: string, at?: number) => Error;
}

/** A reader at `start`; numbers are little-endian unless the name says otherwise. */
export function createByteReader(bytes: Uint8Array, source: string, start = 0): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = start;

  const fail = (problem: string, advice = "", at = position): Error => fileError(source, problem, at, advice);

  /** Steps over `count` bytes and returns where they begin. */
  const advance = (count: number, what: string): number => {
    const left = bytes.length - position;
    if (!(count >= 0 && count <= left)) {
      throw fail(
        `${what} should take ${count} bytes, but the file ends after ${Math.max(0, left)}`,
        "The file is cut short or damaged; fetch or write it again.",
      );
    }
    const at = position;
    position += count;
    return at;
  };

  return {
    position: () => position,
    remaining: () => bytes.length - position,
    take: (count, what) => {
      const at = advance(count, what);
      return bytes.subarray(at, at + count);
    },
    since: (start) => bytes.subarray(start, position),
    u8: (what) => view.getUint8(advance(1, what)),
    u16: (what) => view.getUint16(advance(2, what), true),
    u32: (what) => view.getUint32(advance(4, what), true),
    u64: (what) => {
      const value = Number(view.getBigUint64(advance(8, what), true));
      if (!Number.isSafeInteger(value)) {
        throw fail(`${what} claims ${value}, more than any file holds`, "", position - 8);
      }
      return value;
    },
    u16BigEndian: (what) => view.getUint16(advance(2, what), false),
    u32BigEndian: (what) => view.getUint32(advance(4, what), false),
    fail,
  };
}
