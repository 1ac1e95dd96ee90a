/**
 * Huffman codes of a JPEG, and its bits.
 *
 * Invariant: reading stops at the first marker; bits that are not there are told as a file
 * that is cut short.
 */
import { fileError } from "../file-error.js";

/** Codes up to this length are found by one look; longer ones are rare. */
const lookBits = 9;

export interface HuffmanTable {
  /** By the next 9 bits: the code's length * 256 + its symbol; 0 when the code is longer. */
  readonly look: Uint16Array;
  /** By length: the first code that is too large for it; codes are left-aligned to 16 bits. */
  readonly limit: Int32Array;
  /** By length: what added to a code gives its position among the symbols. */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** From the number of codes of each length; null when they are more than the length allows. */
export function readHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | null {
  const look = new Uint16Array(2 ** lookBits);
  const limit = new Int32Array(18);
  const offset = new Int32Array(17);
  let code = 0;
  let position = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!;
    offset[length] = position - code;
    if (length <= lookBits) {
      const span = 2 ** (lookBits - length);
      for (let i = 0; i < count; i++) {
        look.fill((length << 8) | symbols[position + i]!, (code + i) * span, (code + i + 1) * span);
      }
    }
    code += count;
    position += count;
    if (code > 2 ** length) return null;
    limit[length] = code << (16 - length);
    code <<= 1;
  }
  limit[17] = 0x7fffffff;
  return { look, limit, offset, symbols };
}

export interface BitReader {
  readonly bit: () => number;
  /** The next `count` bits as an unsigned number; at most 16. */
  readonly bits: (count: number) => number;
  /** A difference of `count` bits, as T.81 codes signed numbers. */
  readonly signed: (count: number) => number;
  readonly symbol: (table: HuffmanTable) => number;
  /** Goes on behind restart marker `number` (0 to 7). */
  readonly restart: (number: number) => void;
  /** Where the next marker stands. */
  readonly end: () => number;
}

export function createBitReader(bytes: Uint8Array, start: number, source: string): BitReader {
  let position = start;
  let buffer = 0;
  let held = 0;
  /** Zeros that were put behind the last bit, so that a code can be looked up by more bits than it has. */
  let padding = 0;

  const damaged = (problem: string): Error =>
    fileError(source, problem, position, "The file is cut short or damaged; fetch or write it again.");

  const fill = (): void => {
    while (held <= 16) {
      let byte = bytes[position];
      if (byte === 0xff && bytes[position + 1] === 0) position++;
      else if (byte === 0xff || byte === undefined) byte = undefined;
      if (byte === undefined) padding += 8;
      else position++;
      buffer = ((buffer & 0xffffff) << 8) | (byte ?? 0);
      held += 8;
    }
  };
  const drop = (count: number): void => {
    held -= count;
    if (held < padding) throw damaged("the picture's data end early");
  };
  const bits = (count: number): number => {
    if (count === 0) return 0;
    if (held < count) fill();
    const value = (buffer >>> (held - count)) & ((1 << count) - 1);
    drop(count);
    return value;
  };
  return {
    bits,
    bit: () => bits(1),
    signed: (count) => {
      const value = bits(count);
      return count === 0 || value >= 1 << (count - 1) ? value : value - (1 << count) + 1;
    },
    symbol: ({ look, limit, offset, symbols }) => {
      if (held < 16) fill();
      const next = (buffer >>> (held - 16)) & 0xffff;
      const found = look[next >> (16 - lookBits)]!;
      if (found !== 0) {
        drop(found >> 8);
        return found & 255;
      }
      let length = 1;
      while (next >= limit[length]!) length++;
      if (length > 16) throw damaged("the picture's data have a code that is not in the table");
      drop(length);
      return symbols[(next >> (16 - length)) + offset[length]!] ?? 0;
    },
    restart: (number) => {
      if (held - padding >= 8) throw damaged("there are data where a restart marker should be");
      [buffer, held, padding] = [0, 0, 0];
      while (bytes[position] === 0xff && bytes[position + 1] === 0xff) position++;
      if (bytes[position] !== 0xff || bytes[position + 1] !== 0xd0 + number) {
        throw damaged(`restart marker ${number} is missing`);
      }
      position += 2;
    },
    end: () => {
      // Some writers leave bytes between the last bit and the next marker.
      while (position < bytes.length && (bytes[position] !== 0xff || bytes[position + 1] === 0)) position++;
      return position;
    },
  };
}
