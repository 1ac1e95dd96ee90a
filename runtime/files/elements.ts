/**
 * The number formats that files use, decoded to what the runtime computes with:
 * real numbers to float32, integers to int32, bytes as they are.
 *
 * Invariant: no value changes silently beyond rounding to float32; an integer that
 * needs more than 32 bits, or a finite number that overflows float32, is an error.
 */
import { halfToFloat } from "../half.js";
import type { FileArray, HalfArray } from "./array.js";
import { fileError } from "./file-error.js";

export type ElementFormat =
  "f64" | "f32" | "f16" | "bf16" | "i64" | "u64" | "i32" | "u32" | "i16" | "u16" | "i8" | "u8" | "bool";

export const elementBytes: Readonly<Record<ElementFormat, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  u64: 8,
  i32: 4,
  u32: 4,
  i16: 2,
  u16: 2,
  i8: 1,
  u8: 1,
  bool: 1,
};

export interface EncodedArray {
  readonly format: ElementFormat;
  readonly littleEndian: boolean;
  readonly shape: readonly number[];
  /** Exactly the elements. */
  readonly bytes: Uint8Array;
}

/** Where the bytes stand, for messages. */
export interface ElementPlace {
  readonly source: string;
  readonly name: string;
  /** Of the first element in the file. */
  readonly offset: number;
}

/** Decodes row-major elements. Throws a UserError for values that the runtime cannot hold. */
export function decodeElements(encoded: EncodedArray, place: ElementPlace): FileArray {
  const { format, littleEndian, shape, bytes } = encoded;
  const count = bytes.length / elementBytes[format];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const integers = (read: (at: number) => number): FileArray => {
    const size = elementBytes[format];
    const data = new Int32Array(count);
    for (let i = 0; i < count; i++) data[i] = read(i * size);
    return { dataType: "i32", shape, data };
  };
  switch (format) {
    case "f32":
      return { dataType: "f32", shape, data: decodeFloat32(bytes, view, littleEndian) };
    case "f64":
      return { dataType: "f32", shape, data: decodeFloat64(view, littleEndian, place) };
    case "f16": {
      const data = new Float32Array(count);
      for (let i = 0; i < count; i++) data[i] = halfToFloat(view.getUint16(2 * i, littleEndian));
      return { dataType: "f32", shape, data };
    }
    case "bf16": {
      // bfloat16 is the upper half of a float32.
      const bits = new Uint32Array(count);
      for (let i = 0; i < count; i++) bits[i] = view.getUint16(2 * i, littleEndian) << 16;
      return { dataType: "f32", shape, data: new Float32Array(bits.buffer) };
    }
    case "i64":
    case "u64":
      return integers((at) => {
        const value =
          format === "i64" ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian);
        return checkInt32(Number(value), at, place);
      });
    case "u32":
      return integers((at) => checkInt32(view.getUint32(at, littleEndian), at, place));
    case "i32":
      return integers((at) => view.getInt32(at, littleEndian));
    case "i16":
      return integers((at) => view.getInt16(at, littleEndian));
    case "u16":
      return integers((at) => view.getUint16(at, littleEndian));
    case "i8":
      return integers((at) => view.getInt8(at));
    case "u8":
      return { dataType: "u8", shape, data: new Uint8Array(bytes) };
    case "bool":
      return integers((at) => (view.getUint8(at) === 0 ? 0 : 1));
  }
}

/** The elements of an array as little-endian bytes. */
export function encodeElements(array: FileArray | HalfArray): Uint8Array {
  if (array.dataType === "u8") return new Uint8Array(array.data);
  const bytes = new Uint8Array(array.data.byteLength);
  if (hostIsLittleEndian()) {
    bytes.set(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength));
    return bytes;
  }
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < array.data.length; i++) {
    if (array.dataType === "f16") view.setUint16(2 * i, array.data[i]!, true);
    else if (array.dataType === "f32") view.setFloat32(4 * i, array.data[i]!, true);
    else view.setInt32(4 * i, array.data[i]!, true);
  }
  return bytes;
}

function hostIsLittleEndian(): boolean {
  return new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
}

function decodeFloat32(bytes: Uint8Array, view: DataView, littleEndian: boolean): Float32Array {
  if (littleEndian === hostIsLittleEndian()) return new Float32Array(new Uint8Array(bytes).buffer);
  const data = new Float32Array(bytes.length / 4);
  for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i, littleEndian);
  return data;
}

function decodeFloat64(view: DataView, littleEndian: boolean, place: ElementPlace): Float32Array {
  const data = new Float32Array(view.byteLength / 8);
  for (let i = 0; i < data.length; i++) {
    const value = view.getFloat64(8 * i, littleEndian);
    data[i] = value;
    if (Number.isFinite(value) && !Number.isFinite(data[i]!)) {
      throw valueError(place, value, 8 * i, "is too large for float32");
    }
  }
  return data;
}

function checkInt32(value: number, at: number, place: ElementPlace): number {
  if (value !== (value | 0)) throw valueError(place, value, at, "does not fit into 32 bits");
  return value;
}

function valueError(place: ElementPlace, value: number, at: number, problem: string): Error {
  const byte = place.offset + at;
  return fileError(place.source, `${place.name} holds ${value}, which ${problem}`, byte);
}
