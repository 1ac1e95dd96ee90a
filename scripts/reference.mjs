/** `npm run reference`: the definitions of the standard library -> docs/reference/*.md (after a build). */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { library } from "../dist/compiler/library/index.js";
import { referencePages } from "../dist/compiler/library/reference.js";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "docs", "reference");
mkdirSync(folder, { recursive: true });
for (const { file, text } of referencePages(library)) {
  writeFileSync(join(folder, file), text);
  console.log(`docs/reference/${file}`);
}
