/**
 * NumPy's `.npy` format, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * Invariant: only plain numeric arrays are read; nothing in a file is ever executed.
 */
import type { FileArray } from "./array.js";
import { createByteReader } from "./byte-reader.js";
import { encodeElements, type ElementFormat } from "./elements.js";
import { fileError, quote } from "./file-error.js";
import { parsePythonDictionary } from "./python-literal.js";
import { readRemainingArray } from "./remaining-array.js";
import { gatherStrided } from "./strided.js";

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/** NumPy's own limit for headers of arrays it trusts is far lower. */
const maximumHeaderBytes = 2 ** 20;

const formats: ReadonlyMap<string, ElementFormat> = new Map([
  ["f8", "f64"],
  ["f4", "f32"],
  ["f2", "f16"],
  ["i8", "i64"],
  ["u8", "u64"],
  ["i4", "i32"],
  ["u4", "u32"],
  ["i2", "i16"],
  ["u2", "u16"],
  ["i1", "i8"],
  ["u1", "u8"],
  ["b1", "bool"],
]);

const descriptions = { f32: "<f4", i32: "<i4", u8: "|u1" } as const satisfies Record<
  FileArray["dataType"],
  string
>;

/** Whether these are an `.npy` file, by their first bytes. */
export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

/** Reads one array. Throws a UserError when the file is not one, is cut short, or holds no numbers. */
export function readNpy(bytes: Uint8Array, source: string): FileArray {
  if (!isNpy(bytes)) {
    throw fileError(
      source,
      "this is not an .npy file",
      0,
      "An .npy file begins with the bytes \\x93NUMPY; numpy.save writes one.",
    );
  }
  const reader = createByteReader(bytes, source, magic.length);
  const version = reader.u8("the version");
  reader.u8("the minor version");
  if (version < 1 || version > 3) throw reader.fail(`.npy version ${version} is not known`, "", 6);
  const headerBytes = version === 1 ? reader.u16("the header length") : reader.u32("the header length");
  if (headerBytes > maximumHeaderBytes) {
    throw reader.fail(`the header claims ${headerBytes} bytes; at most ${maximumHeaderBytes} are read`);
  }
  const headerAt = reader.position();
  const header = readHeader(reader.take(headerBytes, "the header"), source, headerAt);
  const { shape, isColumnMajor } = header;
  const array = readRemainingArray(
    reader,
    { ...header, offset: headerAt },
    source,
    "The file is cut short; write it again.",
  );
  if (!isColumnMajor) return array;
  const strides: number[] = [];
  shape.reduce((stride, size) => (strides.push(stride), stride * size), 1);
  return gatherStrided(array, shape, strides, 0);
}

/** Writes an array as version 1.0, as numpy.save does. */
export function writeNpy(array: FileArray): Uint8Array {
  const { shape } = array;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary = `{'descr': '${descriptions[array.dataType]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The data begin at a multiple of 64; the header ends in a line feed.
  const preamble = magic.length + 4;
  const headerBytes = Math.ceil((preamble + dictionary.length + 1) / 64) * 64 - preamble;
  const elements = encodeElements(array);
  const file = new Uint8Array(preamble + headerBytes + elements.length);
  file.set([...magic, 1, 0, headerBytes & 255, headerBytes >> 8]);
  file.set(new TextEncoder().encode(`${dictionary.padEnd(headerBytes - 1)}\n`), preamble);
  file.set(elements, preamble + headerBytes);
  return file;
}

interface Header {
  readonly format: ElementFormat;
  readonly littleEndian: boolean;
  readonly shape: readonly number[];
  readonly isColumnMajor: boolean;
}

function readHeader(bytes: Uint8Array, source: string, at: number): Header {
  const fail = (problem: string, advice = ""): Error => fileError(source, problem, at, advice);
  const text = new TextDecoder().decode(bytes);
  const header = parsePythonDictionary(text);
  if (/'descr': *\[/.test(text)) {
    throw fail("the array has fields (a structured type)", "Save each field as an array of its own.");
  }
  if (header === null) throw fail("the header is no dictionary of descr, fortran_order and shape");
  const [descr, order, shape] = [header.get("descr"), header.get("fortran_order"), header.get("shape")];
  if (typeof descr !== "string") throw fail("the header lacks descr, the type of the elements");
  if (descr.slice(1).startsWith("O") || descr === "O") {
    throw fail(
      "the array holds Python objects, which are never loaded: reading them would run code",
      "Save a numeric array: numpy.save(file, array.astype('float32')).",
    );
  }
  const hasOrder = /^[<>|=]/.test(descr);
  const format = formats.get(hasOrder ? descr.slice(1) : descr);
  if (format === undefined) {
    throw fail(
      `the array's type ${quote(descr)} cannot be read`,
      "Save it as float32 or int32: array.astype('float32').",
    );
  }
  if (typeof order !== "boolean") throw fail("the header lacks fortran_order");
  if (!Array.isArray(shape)) throw fail("the header lacks the shape");
  return { format, littleEndian: !descr.startsWith(">"), shape, isColumnMajor: order };
}
