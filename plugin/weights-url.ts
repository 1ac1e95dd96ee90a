/**
 * How a module says where its weights lie, so that the build tool ships the file along
 * under a name that tells its content.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

/** Where a module is going to be. */
export type Destination = "vite-server" | "node" | "rollup" | "webpack" | "esbuild" | "esbuild-script";

/** What a plugin's context does with a file; Rollup's answers with a name for it. */
type EmitFile = (file: {
  readonly type: "asset";
  readonly name: string;
  readonly source: Uint8Array;
}) => unknown;

/** Lines that define the constant `weightsAt`. */
export function weightsLines(path: string, destination: Destination, emitFile: EmitFile): string {
  switch (destination) {
    case "vite-server":
      return `import file from${JSON.stringify(`${path}?url`)};\nconst weightsAt=new URL(file,import.meta.url);\n`;
    case "node":
      return `const weightsAt=new URL(${JSON.stringify(pathToFileURL(path).href)});\n`;
    case "rollup": {
      const name = basename(path);
      const reference = emitFile({ type: "asset", name, source: readFileSync(path) });
      return `const weightsAt=import.meta.ROLLUP_FILE_URL_${String(reference)};\n`;
    }
    case "webpack":
      return `const weightsAt=new URL(${JSON.stringify(path)},import.meta.url);\n`;
    case "esbuild":
      return `import file from${JSON.stringify(path)};\nconst weightsAt=new URL(file,import.meta.url);\n`;
    case "esbuild-script":
      return `import file from${JSON.stringify(path)};\nconst weightsAt=file;\n`;
  }
}
