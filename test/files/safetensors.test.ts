import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readPytorch } from "../../runtime/files/pytorch.js";
import { readSafetensors, writeSafetensors } from "../../runtime/files/safetensors.js";
import { readWeights } from "../../runtime/files/weights-file.js";
import { realData } from "../support/real-data.js";
import { messageOf } from "../support/user-error.js";
import { bytes, floats, sampleArrays, sampleSafetensors } from "./samples.js";

/** A file from a header and data, with the header length as given. */
function file(header: string, data = new Uint8Array(0), length?: number): Uint8Array {
  const encoded = new TextEncoder().encode(header);
  const all = new Uint8Array(8 + encoded.length + data.length);
  new DataView(all.buffer).setBigUint64(0, BigInt(length ?? encoded.length), true);
  all.set(encoded, 8);
  all.set(data, 8 + encoded.length);
  return all;
}

const read = (content: Uint8Array) => readSafetensors(content, "w.safetensors");

describe("safetensors", () => {
  it("gives back what was written", () => {
    const { tensors, metadata } = read(sampleSafetensors());
    expect(new Map(tensors)).toEqual(new Map(sampleArrays));
    expect(metadata).toEqual(new Map([["made by", "a test"]]));
  });

  it("writes equal bytes for equal tensors in any order, data aligned to 8", () => {
    const reversed = new Map([...sampleArrays].reverse());
    const written = writeSafetensors(reversed, new Map([["made by", "a test"]]));
    expect(written).toEqual(sampleSafetensors());
    expect(Number(new DataView(written.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it("is told from a pickle, even where its length begins as one", () => {
    const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.padEnd(0x80);
    const content = file(header, new Uint8Array(4));
    expect(content[0]).toBe(0x80);
    expect([...readWeights(content, "w.safetensors").keys()]).toEqual(["a"]);
  });

  it("reads through a Buffer that shares its memory with others", () => {
    const pooled = Buffer.concat([Buffer.from([1]), sampleSafetensors()]).subarray(1);
    const { tensors } = read(pooled);
    pooled.fill(0);
    expect(tensors.get("fc1.weight")).toEqual(floats);
    expect(tensors.get("pixels")).toEqual(bytes);
  });

  it("converts every number type", () => {
    const view = new DataView(new ArrayBuffer(48));
    view.setFloat64(0, 0.1, true);
    view.setFloat64(8, -Infinity, true);
    view.setUint16(16, 0x3c00, true); // half 1
    view.setUint16(18, 0x0001, true); // half 2^-24
    view.setUint16(20, 0x3fc0, true); // bfloat 1.5
    view.setUint16(22, 0xff80, true); // bfloat -Infinity
    view.setBigInt64(24, -5n, true);
    view.setUint32(32, 9, true);
    view.setInt16(36, -300, true);
    view.setUint8(38, 200);
    view.setUint8(39, 2);
    const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
      dtype,
      shape,
      data_offsets: [begin, end],
    });
    const header = {
      f64: entry("F64", [2], 0, 16),
      f16: entry("F16", [2], 16, 20),
      bf16: entry("BF16", [2], 20, 24),
      i64: entry("I64", [1], 24, 32),
      u32: entry("U32", [], 32, 36),
      i16: entry("I16", [1], 36, 38),
      u8: entry("U8", [1], 38, 39),
      bool: entry("BOOL", [1], 39, 40),
    };
    const content = file(JSON.stringify(header), new Uint8Array(view.buffer, 0, 40));
    const values = [...read(content).tensors].map(([name, { data }]) => [name, [...data]]);
    expect(Object.fromEntries(values)).toEqual({
      f64: [Math.fround(0.1), -Infinity],
      f16: [1, 2 ** -24],
      bf16: [1.5, -Infinity],
      i64: [-5],
      u32: [9],
      i16: [-300],
      u8: [200],
      bool: [1],
    });
  });

  const one = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';
  const four = new Uint8Array(4);
  it.each<[string, Uint8Array, string]>([
    ["empty", new Uint8Array(0), "this is not a safetensors file: it has only 0 bytes (byte 0)"],
    [
      "text",
      new TextEncoder().encode("hello, this is text"),
      "this is not a safetensors file: it declares a header of 8367736964726416000 bytes, and 11 bytes follow (byte 0)",
    ],
    [
      "cut in the header",
      file("{}", undefined, 100),
      "this is not a safetensors file: it declares a header of 100 bytes, and 2 bytes follow (byte 0)",
    ],
    [
      "no object",
      file("[1, 2]"),
      "this is not a safetensors file: its header does not begin with `{` (byte 0)",
    ],
    ["bad JSON", file('{"a":}'), "the header is not valid JSON (byte 8)"],
    ["a name twice", file(`{"a":{${one}},"a":{${one}}}`, four), 'the name "a" occurs twice (byte 8)'],
    [
      "an unknown type",
      file('{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}', four),
      'tensor "a" has "F8_E4M3" dtype (byte 8)',
    ],
    ["no description", file('{"a":7}'), 'tensor "a" has no description (byte 8)'],
    [
      "a shape that lies",
      file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', four),
      'tensor "a" is F32 [2], 8 bytes, but is given 4 (byte 8)',
    ],
    [
      "a huge shape",
      file('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}', four),
      'tensor "a" declares the shape [4294967296, 4294967296], more than any file can hold (byte 8)',
    ],
    [
      "a size that is none",
      file('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', four),
      'tensor "a" declares the size -1 in [-1], which is no size (byte 8)',
    ],
    [
      "offsets backwards",
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}', four),
      'tensor "a" has the data_offsets [8, 4], which are no range of bytes (byte 8)',
    ],
    [
      "overlapping tensors",
      file(`{"a":{${one}},"b":{${one}}}`, four),
      'tensor "b" overlaps the one before it (byte 115)',
    ],
    [
      "a hole",
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', new Uint8Array(8)),
      '4 bytes before tensor "a" belong to nothing (byte 62)',
    ],
    [
      "cut in the data",
      file(`{"a":{${one}}}`, new Uint8Array(3)),
      'tensor "a" should end at byte 66, but the file ends at 65 (byte 62)',
    ],
    ["bytes too many", file(`{"a":{${one}}}`, new Uint8Array(6)), "2 bytes follow the last tensor (byte 66)"],
    [
      "metadata that is no text",
      file('{"__metadata__":{"a":1}}'),
      'the metadata entry "a" is not a string (byte 8)',
    ],
  ])("refuses %s", (_, content, message) => {
    expect(messageOf(() => read(content))).toBe(`w.safetensors: ${message}`);
  });

  it("does not let a name repaint the terminal", () => {
    const header = JSON.stringify({ ["\u001b[2J\u202e" + "x".repeat(500)]: 1 });
    const message = messageOf(() => read(file(header)));
    expect(message).toContain('"\\u{1b}[2J\\u{202e}xxx');
    expect(message.length).toBeLessThan(200);
  });

  it("refuses integers beyond 32 bits and numbers beyond float32, with their place", () => {
    const wide = new DataView(new ArrayBuffer(8));
    wide.setBigInt64(0, 2n ** 40n, true);
    const header = (dtype: string) => `{"a":{"dtype":"${dtype}","shape":[1],"data_offsets":[0,8]}}`;
    const data = () => new Uint8Array(wide.buffer.slice(0));
    expect(messageOf(() => read(file(header("I64"), data())))).toBe(
      'w.safetensors: "a" holds 1099511627776, which does not fit into 32 bits (byte 62)',
    );
    wide.setFloat64(0, 1e300, true);
    expect(messageOf(() => read(file(header("F64"), data())))).toBe(
      'w.safetensors: "a" holds 1e+300, which is too large for float32 (byte 62)',
    );
  });

  const [pt, safetensors] = [realData("lenet5-mnist.pt"), realData("lenet5-mnist.safetensors")];
  it.skipIf(pt === null || safetensors === null)("holds the same LeNet-5 as PyTorch's own file", () => {
    const ours = readSafetensors(readFileSync(safetensors!), "lenet5-mnist.safetensors").tensors;
    const theirs = readPytorch(readFileSync(pt!), "lenet5-mnist.pt");
    expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
    expect(ours.size).toBe(10);
    for (const [name, tensor] of theirs) expect(tensor).toEqual(ours.get(name));
  });
});
