/**
 * The safetensors format (https://github.com/huggingface/safetensors): an 8-byte
 * header length, a JSON header, then the tensors' bytes.
 *
 * Invariant: reading accepts exactly what the format allows (no overlaps, no holes,
 * sizes that agree); writing is deterministic, equal tensors give equal bytes.
 */
import { UserError } from "../program/user-error.js";
import type { FileArray, HalfArray, NamedArrays } from "./array.js";
import { createByteReader } from "./byte-reader.js";
import { decodeElements, elementBytes, encodeElements, type ElementFormat } from "./elements.js";
import { fileError, quote } from "./file-error.js";
import { duplicateKey } from "./json-keys.js";
import { checkShape } from "./shape.js";
import { formatShape } from "../tensor.js";

export interface SafetensorsFile {
  readonly tensors: NamedArrays;
  /** The `__metadata__` entries. */
  readonly metadata: ReadonlyMap<string, string>;
}

const formats: ReadonlyMap<string, ElementFormat> = new Map([
  ["F64", "f64"],
  ["F32", "f32"],
  ["F16", "f16"],
  ["BF16", "bf16"],
  ["I64", "i64"],
  ["U64", "u64"],
  ["I32", "i32"],
  ["U32", "u32"],
  ["I16", "i16"],
  ["U16", "u16"],
  ["I8", "i8"],
  ["U8", "u8"],
  ["BOOL", "bool"],
]);

type WrittenArray = FileArray | HalfArray;

const typeNames = { f32: "F32", i32: "I32", f16: "F16", u8: "U8" } as const satisfies Record<
  WrittenArray["dataType"],
  string
>;

/** The format's own limit on the header. */
const maximumHeaderBytes = 100_000_000;

interface Entry {
  readonly name: string;
  readonly format: ElementFormat;
  readonly shape: readonly number[];
  /** Relative to the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file; `source` names it in messages.
 * Throws a UserError when the file is not one, is cut short, or contradicts itself.
 */
export function readSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const reader = createByteReader(bytes, source);
  if (bytes.length < 8) throw notSafetensors(source, `it has only ${bytes.length} bytes`);
  const length = reader.u32("the header length") + 2 ** 32 * reader.u32("the header length");
  if (length > maximumHeaderBytes || length > reader.remaining()) {
    throw notSafetensors(
      source,
      `it declares a header of ${length} bytes, and ${reader.remaining()} bytes follow`,
    );
  }
  const header = parseHeader(reader.take(length, "the header"), source);
  const metadata = readMetadata(header.get("__metadata__"), source);
  header.delete("__metadata__");

  const entries = [...header].map(([name, value]) => readEntry(name, value, source));
  const data = reader.take(reader.remaining(), "the tensors");
  checkLayout(entries, data.length, source, 8 + length);

  const tensors = new Map<string, FileArray>();
  for (const { name, format, shape, begin, end } of entries) {
    const encoded = { format, littleEndian: true, shape, bytes: data.subarray(begin, end) };
    const place = { source, name: quote(name), offset: 8 + length + begin };
    tensors.set(name, decodeElements(encoded, place));
  }
  return { tensors, metadata };
}

/** Writes tensors, sorted by name (larger types first, so that all are aligned). */
export function writeSafetensors(
  tensors: ReadonlyMap<string, WrittenArray>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const sorted = [...tensors].sort(([nameA, a], [nameB, b]) => {
    return b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1);
  });
  const fields: string[] = [];
  if (metadata.size > 0) {
    const pairs = [...metadata].sort(([a], [b]) => (a < b ? -1 : 1));
    const inner = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    fields.push(`"__metadata__":{${inner.join(",")}}`);
  }
  let offset = 0;
  for (const [name, { dataType, shape, data }] of sorted) {
    if (name === "__metadata__") throw new UserError('a tensor cannot be called "__metadata__"');
    const entry = { dtype: typeNames[dataType], shape, data_offsets: [offset, offset + data.byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    offset += data.byteLength;
  }
  const unpadded = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerBytes = Math.ceil(unpadded.length / 8) * 8;

  const file = new Uint8Array(8 + headerBytes + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(unpadded, 8);
  let position = 8 + headerBytes;
  for (const [, array] of sorted) {
    file.set(encodeElements(array), position);
    position += array.data.byteLength;
  }
  return file;
}

function notSafetensors(source: string, because: string): Error {
  return fileError(
    source,
    `this is not a safetensors file: ${because}`,
    0,
    "A safetensors file begins with the length of its header in 8 bytes, then `{`.",
  );
}

function parseHeader(bytes: Uint8Array, source: string): Map<string, unknown> {
  if (bytes[0] !== 0x7b) throw notSafetensors(source, "its header does not begin with `{`");
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw fileError(source, "the header is not valid JSON", 8, "The file is damaged; write it again.");
  }
  const repeated = duplicateKey(text);
  if (repeated !== null) throw fileError(source, `the name ${quote(repeated)} occurs twice`, 8);
  return new Map(Object.entries(value as object));
}

function readMetadata(value: unknown, source: string): ReadonlyMap<string, string> {
  if (value === undefined) return new Map();
  if (!isRecord(value)) throw fileError(source, '"__metadata__" is not an object', 8);
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw fileError(source, `the metadata entry ${quote(key)} is not a string`, 8);
    }
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: unknown, source: string): Entry {
  const fail = (problem: string, advice = ""): Error =>
    fileError(source, `tensor ${quote(name)} ${problem}`, 8, advice);
  if (!isRecord(value)) throw fail("has no description");
  const dtype = value["dtype"];
  const format = typeof dtype === "string" ? formats.get(dtype) : undefined;
  if (format === undefined) {
    const found = typeof dtype === "string" ? quote(dtype) : "no";
    throw fail(`has ${found} dtype`, `Types that can be read: ${[...formats.keys()].join(", ")}.`);
  }
  const shape = value["shape"];
  if (!isNumbers(shape)) throw fail("has no shape");
  const size = checkShape(shape, elementBytes[format]);
  if (!size.ok) throw fail(size.problem);
  const offsets = value["data_offsets"];
  if (!isNumbers(offsets) || offsets.length !== 2) throw fail("has no pair of data_offsets");
  const [begin, end] = offsets as [number, number];
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end < begin) {
    throw fail(`has the data_offsets [${begin}, ${end}], which are no range of bytes`);
  }
  const needed = size.elements * elementBytes[format];
  if (end - begin !== needed) {
    throw fail(`is ${String(dtype)} ${formatShape(shape)}, ${needed} bytes, but is given ${end - begin}`);
  }
  return { name, format, shape, begin, end };
}

/** Tensors must lie one after the other and fill the file. */
function checkLayout(entries: readonly Entry[], bytes: number, source: string, start: number): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, begin, end } of sorted) {
    if (begin < position) {
      throw fileError(source, `tensor ${quote(name)} overlaps the one before it`, start + begin);
    }
    if (begin > position) {
      throw fileError(
        source,
        `${begin - position} bytes before tensor ${quote(name)} belong to nothing`,
        start + position,
      );
    }
    if (end > bytes) {
      throw fileError(
        source,
        `tensor ${quote(name)} should end at byte ${start + end}, but the file ends at ${start + bytes}`,
        start + begin,
        "The file is cut short; fetch or write it again.",
      );
    }
    position = end;
  }
  if (position < bytes) {
    throw fileError(source, `${bytes - position} bytes follow the last tensor`, start + position);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
