/**
 * No file may import itself in a circle, through types either: what speaks of each other
 * stands in one file. Lint checks the rest of the structure, but passes over `import type`.
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

/** The files that each file imports. */
type Imports = ReadonlyMap<string, readonly string[]>;

test("no file of the compiler, the runtime or the plugin imports itself in a circle", () => {
  const imports = readImports(["compiler", "runtime", "plugin"]);
  expect(imports.get(join("compiler", "compile.ts"))).toContain(join("compiler", "check-source.ts"));
  expect(circleIn(imports)).toEqual([]);
});

test("a circle is found wherever it begins, and however its files import each other", () => {
  expect(importsIn("a.ts", `import type { B } from "./b.js"; import fs from "node:fs";`)).toEqual(["b.ts"]);
  expect(importsIn("a.ts", `export * from "./b.js"; type C = import("./c.js").C;`)).toEqual(["b.ts", "c.ts"]);
  const line = { "start.ts": ["a.ts", "b.ts"], "a.ts": ["b.ts"], "b.ts": ["c.ts"], "c.ts": [] };
  expect(circleIn(new Map(Object.entries(line)))).toEqual([]);
  expect(circleIn(new Map(Object.entries({ ...line, "c.ts": ["a.ts"] })))).toEqual([
    "a.ts",
    "b.ts",
    "c.ts",
    "a.ts",
  ]);
});

function readImports(folders: readonly string[]): Imports {
  const files = folders
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((file) => file.endsWith(".ts"));
  return new Map(files.map((file) => [file, importsIn(file, readFileSync(file, "utf8"))]));
}

function importsIn(file: string, text: string): string[] {
  return ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => join(dirname(file), name.replace(/\.js$/, ".ts")));
}

/** The files of one circle, the first again at its end; empty when there is none. */
function circleIn(imports: Imports): readonly string[] {
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return [];
    for (const imported of imports.get(file) ?? []) {
      const circle = visit(imported, [...path, file]);
      if (circle.length > 0) return circle;
    }
    finished.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
