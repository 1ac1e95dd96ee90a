import { gzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../runtime/files/crc32.js";
import { gunzip } from "../../runtime/files/inflate.js";
import { readZip, writeZip } from "../../runtime/files/zip.js";
import { UserError } from "../../runtime/program/user-error.js";
import { messageOf } from "../support/user-error.js";

const content = new TextEncoder().encode("the same words again and again and again and again");
const entries = { "a.txt": content, "folder/b.txt": Uint8Array.of(1, 2, 3) };
const archive = () => zipSync(entries, { level: 9, mtime: new Date(1990, 1, 1) });

/** A copy with some bytes replaced. */
function patched(bytes: Uint8Array, at: number, ...replacement: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(replacement, at);
  return copy;
}

/** Where a signature occurs, the n-th time. */
function find(bytes: Uint8Array, signature: number[], nth = 0): number {
  for (let at = 0; at < bytes.length; at++) {
    if (signature.every((byte, i) => bytes[at + i] === byte) && nth-- === 0) return at;
  }
  throw new Error("no such signature");
}

/** One stored entry whose sizes and places are all given as 64-bit numbers. */
function archive64(): Uint8Array {
  const u16 = (value: number) => [value & 255, value >> 8];
  const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
  const u64 = (value: number) => [...u32(value), 0, 0, 0, 0];
  const name = [...new TextEncoder().encode("a.txt")];
  const [size, unknown] = [content.length, 0xffffffff];
  const checksum = u32(crc32(content));
  const local = [
    ...[...u32(0x04034b50), ...u16(45), ...u16(0), ...u16(0), ...u32(0), ...checksum],
    ...[...u32(size), ...u32(size), ...u16(5), ...u16(0), ...name, ...content],
  ];
  const extra = [...u16(1), ...u16(24), ...u64(size), ...u64(size), ...u64(0)];
  const record = [
    ...[...u32(0x02014b50), ...u16(45), ...u16(45), ...u16(0), ...u16(0), ...u32(0), ...checksum],
    ...[...u32(unknown), ...u32(unknown), ...u16(5), ...u16(extra.length), ...u16(0), ...u16(0), ...u16(0)],
    ...[...u32(0), ...u32(unknown), ...name, ...extra],
  ];
  const end64 = [
    ...[...u32(0x06064b50), ...u64(44), ...u16(45), ...u16(45), ...u32(0), ...u32(0), ...u64(1), ...u64(1)],
    ...[...u64(record.length), ...u64(local.length)],
  ];
  const locator = [...u32(0x07064b50), ...u32(0), ...u64(local.length + record.length), ...u32(1)];
  const end = [
    ...[...u32(0x06054b50), ...u16(0), ...u16(0), ...u16(0xffff), ...u16(0xffff)],
    ...[...u32(unknown), ...u32(unknown), ...u16(0)],
  ];
  return Uint8Array.from([...local, ...record, ...end64, ...locator, ...end]);
}

const directoryRecord = [0x50, 0x4b, 1, 2];

describe("zip", () => {
  it("reads stored and deflated entries, and what it wrote itself", () => {
    const zip = readZip(archive(), "x.zip");
    expect([...zip.keys()]).toEqual(["a.txt", "folder/b.txt"]);
    expect(zip.get("a.txt")!.read()).toEqual(content);
    const stored = writeZip(new Map([["a.txt", content]]));
    expect(readZip(stored, "x.zip").get("a.txt")!.read()).toEqual(content);
  });

  it("reads archives with 64-bit sizes", () => {
    const zip = archive64();
    expect(readZip(zip, "x.zip").get("a.txt")!.read()).toEqual(content);
    expect(messageOf(() => readZip(patched(zip, find(zip, [0x50, 0x4b, 6, 7]), 0), "x.zip"))).toContain(
      "the zip64 directory record is missing",
    );
    for (let at = 0; at < zip.length; at++) {
      const damaged = patched(zip, at, 0xff);
      try {
        readZip(damaged, "x.zip").get("a.txt")?.read();
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }
  });

  it("refuses what is cut short", () => {
    const zip = archive();
    expect(messageOf(() => readZip(zip.subarray(0, zip.length - 1), "x.zip"))).toContain(
      "this is not a complete zip archive: its directory is missing at the end",
    );
  });

  it("refuses a damaged entry by its checksum", () => {
    const zip = zipSync(entries, { level: 0 });
    const damaged = patched(zip, find(zip, [...content.subarray(0, 4)]), 0x54);
    expect(messageOf(() => readZip(damaged, "x.zip").get("a.txt")!.read())).toBe(
      'x.zip, entry "a.txt": the checksum does not match the content (byte 35)',
    );
  });

  it("refuses encryption, other methods and entries that are not there", () => {
    const zip = archive();
    const record = find(zip, directoryRecord);
    const refusal = (damaged: Uint8Array) => messageOf(() => readZip(damaged, "x.zip"));
    expect(refusal(patched(zip, record + 8, 1))).toContain('the entry "a.txt" is encrypted');
    expect(refusal(patched(zip, record + 10, 12))).toContain('the entry "a.txt" is compressed by method 12');
    expect(refusal(patched(zip, record + 42, 0xff, 0xff))).toContain(
      "should begin beyond the end of the data",
    );
    expect(refusal(patched(zip, record + 42, 7))).toContain('the entry "a.txt" does not begin as it should');
  });

  it("refuses entries that share bytes and names that occur twice", () => {
    const zip = zipSync({ "a.txt": content, "b.txt": content });
    const second = find(zip, directoryRecord, 1);
    expect(messageOf(() => readZip(patched(zip, second + 42, 0, 0, 0, 0), "x.zip"))).toBe(
      'x.zip: the entries "a.txt" and "b.txt" share bytes (byte 0)',
    );
    const name = find(zip, [0x62, 0x2e, 0x74], 1);
    expect(messageOf(() => readZip(patched(zip, name, 0x61), "x.zip"))).toContain(
      'the entry "a.txt" occurs twice',
    );
  });

  it("stops inflating at the declared size", () => {
    const zip = zipSync({ "bomb.npy": new Uint8Array(50_000_000) }, { level: 9 });
    const lying = patched(zip, find(zip, directoryRecord) + 24, 100, 0, 0, 0);
    expect(messageOf(() => readZip(lying, "x.zip").get("bomb.npy")!.read())).toContain(
      'x.zip, entry "bomb.npy": the compressed data grow beyond 100 bytes',
    );
  });

  it("refuses an archive that claims far more than its size allows", () => {
    const zip = zipSync({ "a.npy": new Uint8Array(100_000) }, { level: 9 });
    const lying = patched(zip, find(zip, directoryRecord) + 24, 0, 0, 0, 0x7f);
    expect(messageOf(() => readZip(lying, "x.zip"))).toContain("its entries claim 2130706432 bytes");
  });
});

describe("gzip", () => {
  const packed = () => gzipSync(content, { mtime: 0 });

  it("reads one member or several", () => {
    expect(gunzip(packed(), "x.gz")).toEqual(content);
    const twice = Buffer.concat([packed(), packed()]);
    expect(gunzip(twice, "x.gz")).toEqual(Uint8Array.from([...content, ...content]));
  });

  it("refuses what is cut short or damaged", () => {
    const bytes = packed();
    for (let length = 2; length < bytes.length; length++) {
      expect(messageOf(() => gunzip(bytes.subarray(0, length), "x.gz"))).toMatch(/^x\.gz: /);
    }
    const wrong = patched(bytes, bytes.length - 8, bytes.at(-8)! ^ 1);
    expect(messageOf(() => gunzip(wrong, "x.gz"))).toContain("the gzip checksum does not match the content");
  });

  it("stops a bomb", () => {
    const bomb = gzipSync(new Uint8Array(80_000_000), { level: 9 });
    expect(messageOf(() => gunzip(bomb, "x.gz"))).toContain("the compressed data grow beyond 67108864 bytes");
  });
});

describe("crc32", () => {
  it("is the usual one and can be continued", () => {
    const check = new TextEncoder().encode("123456789");
    expect(crc32(check)).toBe(0xcbf43926);
    expect(crc32(check.subarray(4), crc32(check.subarray(0, 4)))).toBe(0xcbf43926);
  });
});
