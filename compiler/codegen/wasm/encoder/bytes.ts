/**
 * Bytes of the WebAssembly binary format: LEB128 integers, IEEE numbers, names and
 * counted vectors.
 *
 * Invariant: every function returns the complete, smallest encoding of its argument.
 */
import { invariant } from "../../../diagnostics/invariant.js";

export type Bytes = readonly number[];

/**
 * Bytes as a tree: what is made of other code holds it, instead of copying its bytes at every
 * level of an expression.
 */
export type Code = number | ArrayLike<Code>;

/** Appends the bytes of a tree, in order. */
export function appendCode(bytes: number[], code: Code): void {
  if (typeof code === "number") {
    bytes.push(code);
    return;
  }
  for (let index = 0; index < code.length; index++) appendCode(bytes, code[index]!);
}

/** Bytes in either form. */
export type Chunk = Bytes | Uint8Array;

/** One array of all chunks' bytes. */
export function concatenate(chunks: readonly Chunk[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(totalLength(chunks));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

export function totalLength(chunks: readonly Chunk[]): number {
  return chunks.reduce((total, { length }) => total + length, 0);
}

/** Unsigned LEB128 of an integer in [0, 2^32). */
export function unsigned(value: number): number[] {
  invariant(
    Number.isInteger(value) && value >= 0 && value < 2 ** 32,
    () => `not an unsigned 32-bit integer: ${value}`,
  );
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** Signed LEB128 of a 32-bit integer; [2^31, 2^32) wraps around. */
export function signed32(value: number): number[] {
  invariant(
    Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32,
    () => `not a 32-bit integer: ${value}`,
  );
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** Signed LEB128 of a 64-bit integer. */
export function signed64(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

/** The four bytes of a float32, little endian. */
export function float32(value: number): Code {
  return new Uint8Array(new Float32Array([value]).buffer);
}

/** The eight bytes of a float64, little endian. */
export function float64(value: number): Code {
  return new Uint8Array(new Float64Array([value]).buffer);
}

/** The four bytes of a 32-bit integer, little endian. */
export function integer32(value: number): Code {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** UTF-8 text after its length. */
export function name(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  return [...unsigned(bytes.length), ...bytes];
}

/** Items after their number. */
export function vector(items: readonly Bytes[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}
