/** The version, read from the package's own package.json so that it stands in one place. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const version: string = findVersion(dirname(fileURLToPath(import.meta.url)));

/** Walks up from the program's folder, which lies at another depth when built. */
function findVersion(folder: string): string {
  const path = join(folder, "package.json");
  if (existsSync(path)) {
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
      return String(manifest.version);
    }
  }
  const parent = dirname(folder);
  return parent === folder ? "unknown" : findVersion(parent);
}
