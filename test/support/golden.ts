/**
 * Golden text files: what a stage printed once, looked at by a person, and kept.
 * `npm run golden` rewrites them; under CI that is refused, so a golden file can
 * only change in a commit someone reads.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect } from "vitest";

/** Compares `actual` with the file's content, or writes the file when asked to. */
export function expectGolden(path: string, actual: string): void {
  const updating = process.env["UPDATE_GOLDEN"] === "1";
  if (updating && process.env["CI"]) throw new Error("golden files are not updated in CI");
  if (updating) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  if (!existsSync(path)) throw new Error(`${path} is missing: look at the output, then run npm run golden`);
  expect(actual).toBe(readFileSync(path, "utf8"));
}
