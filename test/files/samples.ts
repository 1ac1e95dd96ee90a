/** Small valid files of every format, built byte by byte or by our own writers. */
import { gzipSync, zipSync } from "fflate";
import type { FileArray, NamedArrays } from "../../runtime/files/array.js";
import { writeNpy } from "../../runtime/files/npy.js";
import { writeNpz } from "../../runtime/files/npz.js";
import { writeSafetensors } from "../../runtime/files/safetensors.js";

export const floats: FileArray = {
  dataType: "f32",
  shape: [2, 3],
  data: Float32Array.of(1, -2.5, 3e-9, 0, Infinity, 1 / 3),
};
export const integers: FileArray = {
  dataType: "i32",
  shape: [4],
  data: Int32Array.of(0, -1, 7, 2 ** 31 - 1),
};
export const bytes: FileArray = { dataType: "u8", shape: [3, 1], data: Uint8Array.of(0, 128, 255) };
export const scalar: FileArray = { dataType: "f32", shape: [], data: Float32Array.of(42) };
export const empty: FileArray = { dataType: "f32", shape: [0, 5], data: new Float32Array(0) };

export const sampleArrays: NamedArrays = new Map<string, FileArray>([
  ["fc1.weight", floats],
  ["label", integers],
  ["pixels", bytes],
  ["scalar", scalar],
  ["__proto__", empty],
]);

export function sampleSafetensors(): Uint8Array {
  return writeSafetensors(sampleArrays, new Map([["made by", "a test"]]));
}

export function sampleNpy(): Uint8Array {
  return writeNpy(floats);
}

export function sampleNpz(): Uint8Array {
  return writeNpz(sampleArrays);
}

/** An archive with a deflated entry. */
export function sampleDeflatedNpz(): Uint8Array {
  const zeros: FileArray = { dataType: "f32", shape: [500], data: new Float32Array(500) };
  return zipSync({ "zeros.npy": writeNpy(zeros) }, { level: 6 });
}

/** Two images of 3 x 4 bytes. */
export function sampleIdx(): Uint8Array {
  const header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4];
  return Uint8Array.of(...header, ...Array.from({ length: 24 }, (_, i) => 10 * i));
}

export function sampleIdxGzip(): Uint8Array {
  return gzipSync(sampleIdx(), { mtime: 0 });
}

export function sampleCifar(): Uint8Array {
  return Uint8Array.from({ length: 2 * 3073 }, (_, i) => (i % 3073 === 0 ? 7 : i % 251));
}

export const sampleCsv = "height,width,species\n1.5,2,cat\n-3e2,4.25,dog\n0,1,cat\n";

const text = new TextEncoder();

/** Pickle opcodes for a string, an integer and so on. */
export const pickle = {
  string: (value: string): number[] => {
    const encoded = text.encode(value);
    return [0x58, encoded.length & 255, encoded.length >> 8, 0, 0, ...encoded];
  },
  integer: (value: number): number[] => [
    0x4a,
    value & 255,
    (value >> 8) & 255,
    (value >> 16) & 255,
    value >>> 24,
  ],
  global: (module: string, name: string): number[] => [0x63, ...text.encode(`${module}\n${name}\n`)],
  tuple: (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74],
  /** A state dict with one tensor in storage `0`. */
  tensor: (options: { offset: number; shape: number[]; strides: number[]; elements: number }): number[] => {
    const { tuple, string, integer, global } = pickle;
    const storage = tuple(
      string("storage"),
      global("torch", "FloatStorage"),
      string("0"),
      string("cpu"),
      integer(options.elements),
    );
    return [
      ...global("torch._utils", "_rebuild_tensor_v2"),
      ...tuple(
        [...storage, 0x51],
        integer(options.offset),
        tuple(...options.shape.map(integer)),
        tuple(...options.strides.map(integer)),
        [0x89],
        [...global("collections", "OrderedDict"), 0x29, 0x52],
      ),
      0x52,
    ];
  },
  dictionary: (...pairs: [string, number[]][]): number[] => [
    0x7d,
    0x28,
    ...pairs.flatMap(([key, value]) => [...pickle.string(key), ...value]),
    0x75,
  ],
};

/** A `.pt` file around pickle opcodes, with storage `0` holding these numbers. */
export function ptFile(opcodes: number[], storage: Float32Array = new Float32Array(6)): Uint8Array {
  return zipSync(
    {
      "archive/data.pkl": Uint8Array.of(0x80, 2, ...opcodes, 0x2e),
      "archive/data/0": new Uint8Array(storage.slice().buffer),
      "archive/version": text.encode("3\n"),
    },
    { level: 0, mtime: new Date(1990, 1, 1) },
  );
}

export function samplePt(): Uint8Array {
  const storage = Float32Array.of(0, 1, 2, 3, 4, 5);
  return ptFile(
    pickle.dictionary(
      ["fc.weight", pickle.tensor({ offset: 0, shape: [2, 3], strides: [3, 1], elements: 6 })],
      ["fc.bias", pickle.tensor({ offset: 2, shape: [3], strides: [1], elements: 6 })],
    ),
    storage,
  );
}
