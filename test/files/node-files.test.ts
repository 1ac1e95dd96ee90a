import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  listFolder,
  pathKind,
  prepareFolder,
  readBeginning,
  readFile,
  removeFile,
  writeFileAtomically,
} from "../../runtime/files/node-files.js";
import { messageOf } from "../support/user-error.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tulle-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("files in Node", () => {
  it("writes, makes folders, replaces, and leaves nothing else behind", () => {
    const path = join(folder, "a", "b", "weights.bin");
    writeFileAtomically(path, "first");
    writeFileAtomically(path, Uint8Array.of(1, 2, 3));
    expect(readFile(path)).toEqual(Uint8Array.of(1, 2, 3));
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["weights.bin"]);
  });

  it("leaves the old content and no temporary file when writing fails", () => {
    const path = join(folder, "taken");
    mkdirSync(path);
    writeFileSync(join(path, "inside"), "kept");
    expect(messageOf(() => writeFileAtomically(path, "new"))).toContain(`${path} cannot be written: `);
    expect(readdirSync(folder)).toEqual(["taken"]);
    expect(readFileSync(join(path, "inside"), "utf8")).toBe("kept");
  });

  it("keeps a link a link, and a file's permissions", () => {
    const path = join(folder, "kept.bin");
    writeFileSync(path, "old", { mode: 0o640 });
    symlinkSync("kept.bin", join(folder, "link.bin"));
    writeFileAtomically(join(folder, "link.bin"), "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(lstatSync(join(folder, "link.bin")).isSymbolicLink()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["kept.bin", "link.bin"]);
  });

  it("makes sure that a folder can be written to", () => {
    prepareFolder(join(folder, "a", "b"));
    prepareFolder(join(folder, "a", "b"));
    expect(readdirSync(join(folder, "a", "b"))).toEqual([]);
    writeFileSync(join(folder, "file"), "");
    const expected = `${join(folder, "file")} is a file, and a folder is needed there`;
    expect(messageOf(() => prepareFolder(join(folder, "file", "c")))).toBe(expected);
    expect(messageOf(() => writeFileAtomically(join(folder, "file", "c"), ""))).toBe(expected);
    expect(pathKind(join(folder, "file", "c"))).toBe("missing");
  });

  it("reads the beginning of a file", () => {
    const path = join(folder, "long");
    writeFileSync(path, "abcdef");
    expect(readBeginning(path, 4)).toEqual(Uint8Array.of(97, 98, 99, 100));
    expect(readBeginning(path, 10)).toHaveLength(6);
    expect(messageOf(() => readBeginning(folder, 4))).toContain("it is a folder");
  });

  it("removes a file and what a killed process left of it", () => {
    const path = join(folder, "x.bin");
    writeFileAtomically(path, "x");
    writeFileSync(join(folder, ".x.bin.0123456789ab.tmp"), "half");
    writeFileSync(join(folder, "y.bin"), "y");
    removeFile(path);
    removeFile(path);
    expect(listFolder(folder)).toEqual(["y.bin"]);
  });

  it("explains what cannot be read", () => {
    const missing = join(folder, "missing.npz");
    expect(messageOf(() => readFile(missing))).toBe(`${missing} cannot be read: there is no such file`);
    expect(messageOf(() => readFile(folder))).toBe(
      `${folder} cannot be read: it is a folder, and a file is needed`,
    );
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(messageOf(() => readFile(join(file, "x")))).toContain(
      "a part of its path is a file, not a folder",
    );
    expect(messageOf(() => listFolder(missing))).toContain("cannot be listed: there is no such file");
  });

  it("tells files from folders", () => {
    expect(pathKind(folder)).toBe("folder");
    expect(pathKind(join(folder, "missing"))).toBe("missing");
  });
});
