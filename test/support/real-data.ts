/**
 * Real data sets, kept outside the repository: at TULLE_DATA, or in ../shared/data.
 * Tests that need them skip, and say so, where they are absent.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The path of a file or folder of the real data, or null where there are none. */
export function realData(name: string): string | null {
  const root = process.env["TULLE_DATA"] ?? resolve(import.meta.dirname, "../../../shared/data");
  const path = join(root, name);
  if (existsSync(path)) return path;
  console.warn(`skipped: ${path} is not there (set TULLE_DATA)`);
  return null;
}
