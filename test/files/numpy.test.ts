import { zipSync } from "fflate";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readNpy, writeNpy } from "../../runtime/files/npy.js";
import { readNpz, writeNpz } from "../../runtime/files/npz.js";
import { realData } from "../support/real-data.js";
import { adviceOf, messageOf } from "../support/user-error.js";
import { sampleArrays, sampleDeflatedNpz, sampleNpy, sampleNpz } from "./samples.js";

function npy(header: string, data: number[] = [], version = 1): Uint8Array {
  const encoded = new TextEncoder().encode(header);
  const length = version === 1 ? [encoded.length & 255, encoded.length >> 8] : [encoded.length, 0, 0, 0];
  return Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length, ...encoded, ...data);
}

const read = (content: Uint8Array) => readNpy(content, "x.npy");
const header = (descr: string, shape: string, order = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe("npy", () => {
  it("gives back what was written, data at a multiple of 64", () => {
    for (const array of sampleArrays.values()) {
      const written = writeNpy(array);
      expect(read(written)).toEqual(array);
      expect((written.length - array.data.byteLength) % 64).toBe(0);
    }
  });

  it("reads other types, big-endian numbers and later versions", () => {
    expect(read(npy(header(">i2", "(2,)"), [0, 5, 255, 255])).data).toEqual(Int32Array.of(5, -1));
    expect(read(npy(header("|b1", "(2,)"), [0, 1], 2)).data).toEqual(Int32Array.of(0, 1));
    expect(read(npy(header("<f2", "()"), [0, 0x3c], 3))).toEqual({
      dataType: "f32",
      shape: [],
      data: Float32Array.of(1),
    });
  });

  it("reorders column-major arrays", () => {
    const columns = npy(header("|u1", "(2, 3)", "True"), [1, 4, 2, 5, 3, 6]);
    expect([...read(columns).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each<[string, Uint8Array, string]>([
    ["another file", new TextEncoder().encode("hello"), "this is not an .npy file (byte 0)"],
    ["an unknown version", npy("{}", [], 9), ".npy version 9 is not known (byte 6)"],
    [
      "a header cut short",
      npy(header("<f4", "(2,)")).subarray(0, 30),
      "the header should take 58 bytes, but the file ends after 20 (byte 10)",
    ],
    [
      "a header that is code",
      npy("__import__('os').system('ls')"),
      "the header is no dictionary of descr, fortran_order and shape (byte 10)",
    ],
    [
      "Python objects",
      npy(header("|O", "(1,)"), [0]),
      "the array holds Python objects, which are never loaded: reading them would run code (byte 10)",
    ],
    [
      "fields",
      npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
      "the array has fields (a structured type) (byte 10)",
    ],
    ["text", npy(header("<U3", "(1,)")), 'the array\'s type "<U3" cannot be read (byte 10)'],
    [
      "data cut short",
      npy(header("<f4", "(2, 3)"), [1, 2, 3]),
      "the array [2, 3] takes 24 bytes, but 3 follow the header (byte 70)",
    ],
    [
      "a shape no file can have",
      npy(header("<f4", "(99999999999, 99999999999)")),
      "the header declares the shape [99999999999, 99999999999], more than any file can hold (byte 10)",
    ],
  ])("refuses %s", (_, content, message) => {
    expect(messageOf(() => read(content))).toBe(`x.npy: ${message}`);
  });

  it("says what to do about types it cannot read", () => {
    expect(adviceOf(() => read(npy(header("<c8", "(1,)"))))).toContain("astype('float32')");
  });
});

describe("npz", () => {
  it("gives back what was written", () => {
    expect(new Map(readNpz(sampleNpz(), "x.npz"))).toEqual(new Map(sampleArrays));
    expect(writeNpz(sampleArrays)).toEqual(sampleNpz());
  });

  it("reads deflated entries", () => {
    expect(readNpz(sampleDeflatedNpz(), "x.npz").get("zeros")!.data).toEqual(new Float32Array(500));
  });

  it("names the array that is wrong", () => {
    const broken = zipSync({ "a.npy": sampleNpy(), "b.npy": sampleNpy().subarray(0, 140) });
    expect(messageOf(() => readNpz(broken, "x.npz"))).toBe(
      "x.npz, array b: the array [2, 3] takes 24 bytes, but 12 follow the header (byte 128)",
    );
  });

  it("refuses an archive without arrays", () => {
    const other = zipSync({ "readme.txt": new Uint8Array(3) });
    expect(messageOf(() => readNpz(other, "x.npz"))).toBe("x.npz: this zip archive holds no arrays");
  });

  const moons = realData("toy/moons.npz");
  it.skipIf(moons === null)("reads what NumPy wrote", () => {
    const arrays = readNpz(readFileSync(moons!), "moons.npz");
    expect([...arrays].map(([name, { shape }]) => [name, shape])).toEqual([
      ["arr_0", [600, 2]],
      ["arr_1", [400, 2]],
      ["arr_2", [600, 1]],
      ["arr_3", [400, 1]],
    ]);
    const points = arrays.get("arr_0")!.data;
    expect([points[0], points[1199]]).toEqual([0.6988766196355537, -0.20739335403187623].map(Math.fround));
  });
});
