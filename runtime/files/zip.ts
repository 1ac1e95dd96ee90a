/**
 * Zip archives, as far as `.npz` and PyTorch's `.pt` need them: entries stored or
 * deflated, zip64 sizes, no encryption, one disk.
 *
 * Invariant: entries are read on request and yield exactly the size the directory
 * declares, checked by CRC; entries never share bytes, so an archive cannot be made
 * to yield more than its size allows.
 */
import { zipSync } from "fflate";
import { createByteReader, type ByteReader } from "./byte-reader.js";
import { crc32 } from "./crc32.js";
import { fileError, quote } from "./file-error.js";
import { inflateExactly, inflationLimit } from "./inflate.js";

export interface ZipEntry {
  readonly name: string;
  /** Uncompressed. */
  readonly size: number;
  /** Of the entry's data in the archive. */
  readonly offset: number;
  readonly read: () => Uint8Array;
}

interface DirectoryRecord {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

const signatures = {
  localHeader: 0x04034b50,
  directoryRecord: 0x02014b50,
  end: 0x06054b50,
  end64Locator: 0x07064b50,
  end64: 0x06064b50,
} as const;

const stored = 0;
const deflated = 8;

/** Whether these are a zip archive, by their first bytes. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** The entries of an archive by name, folders left out. Throws a UserError for anything out of order. */
export function readZip(bytes: Uint8Array, source: string): ReadonlyMap<string, ZipEntry> {
  const directory = readEnd(bytes, source);
  const reader = createByteReader(bytes.subarray(0, directory.end), source, directory.start);
  const entries = new Map<string, ZipEntry>();
  const ranges: { start: number; end: number; name: string }[] = [];
  let total = 0;
  for (let i = 0; i < directory.count; i++) {
    const record = readRecord(reader);
    if (record.name.endsWith("/")) continue;
    if (entries.has(record.name)) throw reader.fail(`the entry ${quote(record.name)} occurs twice`);
    const offset = dataOffset(bytes.subarray(0, directory.start), record, source);
    ranges.push({ start: record.headerOffset, end: offset + record.compressedSize, name: record.name });
    total += record.size;
    entries.set(record.name, {
      name: record.name,
      size: record.size,
      offset,
      read: () => readEntry(bytes, record, offset, source),
    });
  }
  checkRanges(ranges, source);
  if (total > inflationLimit(bytes.length)) {
    throw fileError(
      source,
      `its entries claim ${total} bytes, far more than an archive of ${bytes.length} bytes should`,
      directory.start,
    );
  }
  return entries;
}

/** An archive of stored entries with fixed dates: equal content gives equal bytes. */
export function writeZip(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  // Zip keeps local time; so does this constructor, which makes the bytes the same everywhere.
  const mtime = new Date(1980, 0, 1);
  return zipSync(Object.fromEntries(entries), { level: 0, mtime });
}

/** Finds the directory through the record at the archive's end. */
function readEnd(bytes: Uint8Array, source: string): { start: number; end: number; count: number } {
  const at = findEnd(bytes);
  if (at === null) {
    throw fileError(
      source,
      "this is not a complete zip archive: its directory is missing at the end",
      bytes.length,
      "The file is cut short or something else; fetch or write it again.",
    );
  }
  const reader = createByteReader(bytes, source, at + 4);
  const disk = reader.u16("the disk number");
  reader.take(4, "the disk of the directory and its count");
  let count = reader.u16("the number of entries");
  let size = reader.u32("the size of the directory");
  let start = reader.u32("the start of the directory");
  if (disk !== 0 && disk !== 0xffff) throw reader.fail("the archive is split over several disks", "", at);
  let end = at;
  if (count === 0xffff || size === 0xffffffff || start === 0xffffffff) {
    const end64 = readEnd64(bytes, source, at);
    ({ count, size, start } = end64);
    end = end64.at;
  }
  if (start + size > end) {
    throw reader.fail(`the directory should be ${size} bytes at byte ${start}, beyond its end`, "", at);
  }
  return { start, end: start + size, count };
}

function findEnd(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = Math.max(0, bytes.length - 22 - 0xffff);
  for (let at = bytes.length - 22; at >= first; at--) {
    const reachesEnd = (): boolean => at + 22 + view.getUint16(at + 20, true) === bytes.length;
    if (view.getUint32(at, true) === signatures.end && reachesEnd()) return at;
  }
  return null;
}

function readEnd64(bytes: Uint8Array, source: string, end: number) {
  const missing = "the zip64 directory record is missing";
  const locator = createByteReader(bytes, source, Math.max(0, end - 20));
  if (locator.u32(missing) !== signatures.end64Locator) throw locator.fail(missing);
  locator.take(4, missing);
  const at = locator.u64("the place of the zip64 record");
  const reader = createByteReader(bytes, source, Math.min(at, bytes.length));
  if (reader.u32(missing) !== signatures.end64) throw reader.fail(missing, "", at);
  reader.take(28, "the zip64 record");
  const count = reader.u64("the number of entries");
  const size = reader.u64("the size of the directory");
  const start = reader.u64("the start of the directory");
  return { at, count, size, start };
}

function readRecord(reader: ByteReader): DirectoryRecord {
  const at = reader.position();
  if (reader.u32("a directory record") !== signatures.directoryRecord) {
    throw reader.fail("a directory record does not begin as it should", "The archive is damaged.", at);
  }
  reader.take(4, "versions");
  const flags = reader.u16("flags");
  const method = reader.u16("the method");
  reader.take(4, "the date");
  const checksum = reader.u32("the checksum");
  let compressedSize = reader.u32("the compressed size");
  let size = reader.u32("the size");
  const nameBytes = reader.u16("the length of the name");
  const extraBytes = reader.u16("the length of the extra field");
  const commentBytes = reader.u16("the length of the comment");
  reader.take(8, "attributes");
  let headerOffset = reader.u32("the place of the entry");
  const name = new TextDecoder().decode(reader.take(nameBytes, "the name"));
  const wide = wideFields(reader.take(extraBytes, "the extra field"));
  reader.take(commentBytes, "the comment");
  if (size === 0xffffffff) size = wide.shift() ?? size;
  if (compressedSize === 0xffffffff) compressedSize = wide.shift() ?? compressedSize;
  if (headerOffset === 0xffffffff) headerOffset = wide.shift() ?? headerOffset;
  if ((flags & 1) !== 0) throw reader.fail(`the entry ${quote(name)} is encrypted`, "", at);
  if (method !== stored && method !== deflated) {
    throw reader.fail(`the entry ${quote(name)} is compressed by method ${method}`, onlyDeflate, at);
  }
  if (method === stored && size !== compressedSize) {
    throw reader.fail(`the entry ${quote(name)} is stored, but has two sizes`, "", at);
  }
  return { name, method, checksum, compressedSize, size, headerOffset };
}

const onlyDeflate = "Entries may be stored or deflated; write the archive with zip's usual settings.";

/** The 64-bit numbers of a zip64 extra field, in order: those that did not fit into 32 bits. */
function wideFields(extra: Uint8Array): number[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length;) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && at + 4 + size <= extra.length) {
      const count = Math.min(3, Math.floor(size / 8));
      return Array.from({ length: count }, (_, i) => Number(view.getBigUint64(at + 4 + 8 * i, true)));
    }
    at += 4 + size;
  }
  return [];
}

/** Where an entry's data begin, after the local header, whose own sizes are not believed. */
function dataOffset(beforeDirectory: Uint8Array, record: DirectoryRecord, source: string): number {
  const what = `the entry ${quote(record.name)}`;
  if (record.headerOffset > beforeDirectory.length) {
    throw fileError(source, `${what} should begin beyond the end of the data`, record.headerOffset);
  }
  const reader = createByteReader(beforeDirectory, source, record.headerOffset);
  if (reader.u32(what) !== signatures.localHeader) {
    throw fileError(source, `${what} does not begin as it should`, record.headerOffset);
  }
  reader.take(22, what);
  const nameBytes = reader.u16(what);
  const extraBytes = reader.u16(what);
  reader.take(nameBytes + extraBytes, what);
  const offset = reader.position();
  reader.take(record.compressedSize, what);
  return offset;
}

function readEntry(bytes: Uint8Array, record: DirectoryRecord, offset: number, source: string): Uint8Array {
  const packed = bytes.subarray(offset, offset + record.compressedSize);
  const entrySource = `${source}, entry ${quote(record.name)}`;
  const content =
    record.method === stored ? new Uint8Array(packed) : inflateExactly(packed, record.size, entrySource);
  if (crc32(content) !== record.checksum) {
    throw fileError(
      entrySource,
      "the checksum does not match the content",
      offset,
      "The archive is damaged; fetch or write it again.",
    );
  }
  return content;
}

function checkRanges(ranges: { start: number; end: number; name: string }[], source: string): void {
  ranges.sort((a, b) => a.start - b.start);
  for (let i = 1; i < ranges.length; i++) {
    const [before, after] = [ranges[i - 1]!, ranges[i]!];
    if (after.start < before.end) {
      throw fileError(
        source,
        `the entries ${quote(before.name)} and ${quote(after.name)} share bytes`,
        after.start,
      );
    }
  }
}
