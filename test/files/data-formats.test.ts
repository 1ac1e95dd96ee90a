import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { readCifar } from "../../runtime/files/cifar.js";
import { readCsv } from "../../runtime/files/csv.js";
import { readIdx } from "../../runtime/files/idx.js";
import { messageOf } from "../support/user-error.js";
import { sampleCifar, sampleCsv, sampleIdx, sampleIdxGzip } from "./samples.js";

describe("IDX", () => {
  const read = (content: Uint8Array) => readIdx(content, "x-idx3-ubyte");

  it("reads bytes, compressed or not", () => {
    const array = read(sampleIdx());
    expect(array.shape).toEqual([2, 3, 4]);
    expect([...array.data].slice(0, 3)).toEqual([0, 10, 20]);
    expect(read(sampleIdxGzip())).toEqual(array);
  });

  it("reads big-endian numbers", () => {
    expect(read(Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 0, 255, 254)).data).toEqual(
      Int32Array.of(256, -2),
    );
  });

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "this is not an IDX file: it begins with nothing (byte 0)"],
    [
      "another file",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      "this is not an IDX file: it begins with 89 50 4e 47 (byte 0)",
    ],
    [
      "a header cut short",
      sampleIdx().subarray(0, 10),
      "size 2 of 3 should take 4 bytes, but the file ends after 2 (byte 8)",
    ],
    [
      "data cut short",
      sampleIdx().subarray(0, 30),
      "the array [2, 3, 4] takes 24 bytes, but 14 follow the header (byte 16)",
    ],
    [
      "a count that lies",
      Uint8Array.of(0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255),
      "the header declares the shape [4294967295, 4294967295, 4294967295], more than any file can hold (byte 4)",
    ],
  ])("refuses %s", (_, content, message) => {
    expect(messageOf(() => read(content))).toBe(`x-idx3-ubyte: ${message}`);
  });
});

describe("CIFAR", () => {
  it("takes labels and pixels apart", () => {
    const { images, labels } = readCifar(gzipSync(sampleCifar()), "data_batch_1.bin", 1);
    expect(labels.data).toEqual(Int32Array.of(7, 7));
    expect(images.shape).toEqual([2, 3, 32, 32]);
    expect([images.data[0], images.data[3072]]).toEqual([1, (3073 + 1) % 251]);
  });

  it("refuses what is cut short and labels that are none", () => {
    expect(messageOf(() => readCifar(sampleCifar().subarray(0, 4000), "b.bin", 1))).toBe(
      "b.bin: this is not a CIFAR file: 4000 bytes are 1 records of 3073 and 927 more (byte 3073)",
    );
    const wrong = sampleCifar();
    wrong[3073] = 10;
    expect(messageOf(() => readCifar(wrong, "b.bin", 1))).toBe(
      "b.bin: label 10 of record 1; labels are 0 to 9 (byte 3073)",
    );
  });
});

describe("CSV", () => {
  const read = (text: string) => readCsv(new TextEncoder().encode(text), "t.csv");

  it("reads names, numbers and words", () => {
    const table = read(sampleCsv);
    expect(table.rows).toBe(3);
    expect(table.columns).toEqual([
      { name: "height", kind: "numbers", values: Float64Array.of(1.5, -300, 0) },
      { name: "width", kind: "numbers", values: Float64Array.of(2, 4.25, 1) },
      { name: "species", kind: "words", values: ["cat", "dog", "cat"] },
    ]);
  });

  it("reads tables without names, other separators, quotes and line ends", () => {
    const table = read('1;"2"\r\n\r\n3;4\r\n');
    expect(table.columns.map(({ name }) => name)).toEqual(["column1", "column2"]);
    expect(table.columns[1]!.values).toEqual(Float64Array.of(2, 4));
  });

  it.each<[string, string, string]>([
    ["nothing", "\n \n", "the table is empty"],
    ["names alone", "a,b\n", "the table has names of columns but no rows"],
    ["a name twice", "a,a\n1,2\n", 'two columns are called "a"'],
    ["a short line", "a,b\n1,2\n3\n", "line 3 has 1 fields, and the first has 2"],
    ["a gap", "a,b\n1,2\n\n3,\n", 'line 4, column 2 ("b") has an empty field where the others are numbers'],
    [
      "a word among numbers",
      "a,b\n1,2\n3,NaN\n",
      'line 3, column 2 ("b") has "NaN" where the others are numbers',
    ],
    ["hexadecimal", "a\n1\n0x10\n", 'line 3, column 1 ("a") has "0x10" where the others are numbers'],
    [
      "a gap among words",
      "a,b\n1,cat\n2,\n3,dog\n4,\n",
      'line 3, column 2 ("b") has an empty field where the others are words, as in line 5',
    ],
    ["a column of NaN", "a,b\n1,nan\n2,NaN\n", 'line 2, column 2 ("b") has "nan" in every line'],
  ])("refuses %s", (_, text, message) => {
    expect(messageOf(() => read(text))).toBe(`t.csv: ${message}`);
  });

  it("is not slowed down by endless fields", () => {
    expect(messageOf(() => read(`a\n1\n${"1".repeat(500_000)}x\n`))).toContain(
      "where the others are numbers",
    );
  });

  it("refuses what is no text", () => {
    expect(messageOf(() => readCsv(Uint8Array.of(0xff, 0xfe, 0), "t.csv"))).toBe(
      "t.csv: this is not a text file",
    );
  });
});
