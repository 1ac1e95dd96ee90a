/** Every example of docs/library.md compiles, runs, and prints what stands below it. */
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "tulle-docs-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Example {
  readonly heading: string;
  readonly code: string;
  readonly prints: string;
}

/** A `ts` block and the `text` block behind it, under the heading before. */
function examplesOf(document: string): readonly Example[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/```ts\n([^]*?)```\n\n```text\n([^]*?)```/g)].map(
    ({ 1: code = "", 2: prints = "", index }) => {
      const [heading = ""] =
        text
          .slice(0, index)
          .match(/^## .*$/gm)
          ?.slice(-1) ?? [];
      return { heading: heading.slice(3), code, prints };
    },
  );
}

const examples = examplesOf("docs/library.md");

async function run(code: string, name: string): Promise<string> {
  const script = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: code, loader: "ts", resolveDir: root },
    alias: { tulle: join(root, "index.ts") },
    outfile: script,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
  });
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe("docs/library.md", () => {
  it("has all its code in examples that print", () => {
    const text = readFileSync(join(root, "docs/library.md"), "utf8");
    expect(text.match(/^```ts$/gm)).toHaveLength(examples.length);
    expect(examples.length).toBeGreaterThan(3);
  });

  it.each(examples)("$heading: prints what it says", async ({ code, prints, heading }) => {
    expect(await run(code, heading.replaceAll(/\W/g, ""))).toBe(prints);
  });

  it("has no example that TypeScript finds fault with", () => {
    const files = examples.map(({ code }, index) => {
      const path = join(folder, `example-${String(index)}.ts`);
      writeFileSync(path, code);
      return path;
    });
    const program = ts.createProgram(files, {
      ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true },
      ...{ noUncheckedIndexedAccess: true, types: [], lib: ["lib.es2023.d.ts", "lib.dom.d.ts"] },
      ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      paths: { tulle: [join(root, "index.ts")] },
      typeRoots: [join(root, "node_modules/@types")],
    });
    const faults = files.flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    expect(faults.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });
});
