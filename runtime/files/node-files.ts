/**
 * Reading and writing files in Node, with errors a person can act on.
 *
 * Invariant: a file written here is either complete or untouched; a crash or a kill
 * at any moment leaves the old content or the new, and at most a stray `.tmp` file.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from "node:fs";
import { chmodSync, realpathSync, renameSync, rmSync, type Stats, statSync, unlinkSync } from "node:fs";
import { writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../program/user-error.js";

/** The bytes of a file. Throws a UserError when it is missing, unreadable, a folder, or too large. */
export function readFile(path: string): Uint8Array {
  try {
    const status = statSync(path);
    if (status.isCharacterDevice() || status.isBlockDevice()) {
      throw new UserError(`${path} cannot be read: it is a device, which has no end`);
    }
    const bytes = readFileSync(path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (error) {
    throw explain(error, path, "read");
  }
}

/**
 * The first `most` bytes of a file, or all when there are fewer. What has no size beforehand,
 * such as a pipe, is read no further either.
 */
export function readBeginning(path: string, most: number): Uint8Array {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = new Uint8Array(most);
      let length = 0;
      for (let read = -1; read !== 0 && length < most; length += read) {
        read = readSync(file, bytes, length, most - length, null);
      }
      return bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw explain(error, path, "read");
  }
}

/** The first and the last bytes of a file, at most so many, and how many there are in all. */
export function readEnds(
  path: string,
  first: number,
  last: number,
): { readonly beginning: Uint8Array; readonly end: Uint8Array; readonly bytes: number } {
  try {
    // A pipe would be waited for.
    if (!statSync(path).isFile()) throw new UserError(`${path} cannot be read: it is no ordinary file`);
    const file = openSync(path, "r");
    try {
      const status = fstatSync(file);
      const read = (count: number, from: number): Uint8Array => {
        const bytes = new Uint8Array(count);
        return bytes.subarray(0, readSync(file, bytes, 0, count, from));
      };
      const beginning = read(Math.min(first, status.size), 0);
      const tail = Math.min(last, status.size);
      return { beginning, end: read(tail, status.size - tail), bytes: status.size };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw explain(error, path, "read");
  }
}

/** The text of a UTF-8 file. */
export function readTextFile(path: string): string {
  return new TextDecoder().decode(readFile(path));
}

/**
 * Writes a file by way of a temporary one beside it: written, flushed to the disk,
 * renamed over `path`. Makes the folder when it is missing. A link stays a link, and a
 * file that is replaced keeps its permissions; a device or pipe is written to as it is.
 */
export function writeFileAtomically(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    makeFolder(dirname(path));
    const present = statusOf(path);
    if (present === undefined || present.isFile()) replace(path, bytes, present);
    else writeFileSync(path, bytes);
  } catch (error) {
    throw explain(error, path, "written");
  }
}

function replace(path: string, bytes: Uint8Array, present: Stats | undefined): void {
  const target = present === undefined ? path : realpathSync(path);
  const folder = dirname(target);
  const temporary = join(folder, `${temporaryPrefix(target)}${randomBytes(6).toString("hex")}.tmp`);
  try {
    writeAndFlush(temporary, bytes);
    if (present !== undefined) chmodSync(temporary, present.mode);
    renameSync(temporary, target);
  } catch (error) {
    removeIfPresent(temporary);
    throw error;
  }
  flushFolder(folder);
}

/**
 * Makes a folder that files can be written to, and proves it by writing one. Throws a
 * UserError when it is not to be had.
 */
export function prepareFolder(path: string): void {
  const probe = join(path, `${temporaryPrefix("probe")}${randomBytes(6).toString("hex")}.tmp`);
  try {
    makeFolder(path);
    writeAndFlush(probe, new Uint8Array(0));
  } catch (error) {
    throw explain(error, path, "used as a folder");
  } finally {
    removeIfPresent(probe);
  }
}

/** Makes a folder and those above it. One by one: Node's own way never ends in `/proc`. */
function makeFolder(path: string): void {
  const kind = pathKind(path);
  if (kind === "folder") return;
  if (kind === "file") throw new UserError(`${path} is a file, and a folder is needed there`);
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if (pathKind(path) !== "folder") throw error;
  }
}

/**
 * Removes a file, if it is there, and what a killed process may have left beside it
 * while writing it.
 */
export function removeFile(path: string): void {
  removeTemporaries(path);
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw explain(error, path, "removed");
  }
}

/** Removes what a killed process may have left beside a file while writing it. */
export function removeTemporaries(path: string): void {
  const folder = dirname(path);
  if (pathKind(folder) !== "folder") return;
  for (const name of listFolder(folder)) {
    if (name.startsWith(temporaryPrefix(path)) && name.endsWith(".tmp")) removeIfPresent(join(folder, name));
  }
}

function temporaryPrefix(path: string): string {
  return `.${basename(path)}.`;
}

/** What stands at a path. */
export function pathKind(path: string): "file" | "folder" | "missing" {
  const status = statusOf(path);
  if (status === undefined) return "missing";
  return status.isDirectory() ? "folder" : "file";
}

/** Nothing is below a file, whatever the system calls that. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return undefined;
    throw explain(error, path, "looked at");
  }
}

/** The names in a folder, sorted, so that nothing depends on the file system's order. */
export function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    throw explain(error, path, "listed");
  }
}

function writeAndFlush(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "wx");
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the rename itself durable, where the system lets a folder be flushed. */
function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows cannot open folders; the content itself is flushed either way.
  }
}

function removeIfPresent(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made, or is gone already.
  }
}

const reasons: Readonly<Record<string, readonly [problem: string, advice: string]>> = {
  ENOENT: ["there is no such file", "Check the spelling, and the folder the command is run in."],
  EACCES: ["permission is denied", "Check who owns the file and its folder."],
  EPERM: ["the system does not permit it", "Check who owns the file and its folder."],
  EISDIR: ["it is a folder, and a file is needed", "Name a file inside it."],
  ENOTDIR: ["a part of its path is a file, not a folder", ""],
  ELOOP: ["its links lead in a circle", ""],
  ENOSPC: ["the disk is full", "Make room, then run the command again."],
  EDQUOT: ["the disk quota is used up", "Make room, then run the command again."],
  EFBIG: ["it would be larger than the system permits", ""],
  EROFS: ["the file system is read-only", ""],
  EMFILE: ["too many files are open", ""],
  ENAMETOOLONG: ["its name is too long", ""],
  ERR_FS_FILE_TOO_LARGE: ["it is larger than 2 GiB, the most that is read at once", ""],
};

function explain(error: unknown, path: string, what: string): Error {
  if (error instanceof UserError) return error;
  const known = reasons[codeOf(error)];
  if (known !== undefined) return new UserError(`${path} cannot be ${what}: ${known[0]}`, known[1]);
  if (!(error instanceof Error)) return new Error(String(error));
  return "syscall" in error ? new UserError(`${path} cannot be ${what}: ${error.message}`) : error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
