/** `lenet.net.d.ts`: what a program that imports `lenet.net` gets, a namespace for each net. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** @param declarations the `.d.ts` of each net's module */
export function declarationText(name: string, declarations: ReadonlyMap<string, string>): string {
  const namespaces = [...declarations].map(([net, text]) => {
    const [heading = "", ...lines] = text.trimEnd().split("\n");
    const body = lines
      .join("\n")
      .trim()
      .replaceAll(/^(?=.)/gm, "  ");
    return `${heading}\nexport declare namespace ${net} {\n${body}\n}\n`;
  });
  return [
    `// What ${name} exports. Written by tulle/plugin, and again when the file changes.\n`,
    ...namespaces,
  ].join("\n");
}

/** Leaves the file alone when nothing changed, so that watchers stay quiet. */
export function writeDeclarationFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(path, text);
}
