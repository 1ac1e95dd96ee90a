/** Diagnostics in the words of a build tool: message, place, and the lines around it as its frame. */
import type { Diagnostic } from "../compiler/diagnostics/diagnostic.js";
import { createLineMap } from "../compiler/diagnostics/positions.js";
import { renderDiagnostic } from "../compiler/diagnostics/render.js";
import { resolve } from "node:path";
import { type CheckedFile, textOf } from "./compile-nets.js";

export interface BuildMessage {
  readonly message: string;
  readonly id: string;
  readonly loc: { readonly file: string; readonly line: number; readonly column: number };
  readonly frame: string;
}

/** The first at its place, with the others below it. */
export function messageOf(
  diagnostics: readonly [Diagnostic, ...Diagnostic[]],
  file: CheckedFile,
  framework: string,
): BuildMessage {
  const [first, ...others] = diagnostics;
  const text = textOf(file, first.span.file) ?? "";
  const rendered = (one: Diagnostic): string =>
    renderDiagnostic(one, (path) => textOf(file, path), { color: false }).trimEnd();
  const [heading = "", ...lines] = rendered(first).split("\n");
  const frame = [lines.join("\n").replace(/^\n+/, ""), ...others.map(rendered)].join("\n\n").trimEnd();
  const { line, column } = createLineMap(text).positionAt(first.span.start);
  const id = resolve(first.span.file);
  if (showsFrames.has(framework)) return { message: heading, id, loc: { file: id, line, column }, frame };
  const start = text.lastIndexOf("\n", first.span.start - 1) + 1;
  // esbuild counts columns in bytes, from 0.
  const bytes = new TextEncoder().encode(text.slice(start, first.span.start)).length;
  const message = `${heading}\n\n${frame}\n`;
  return { message, id, loc: { file: first.span.file, line, column: bytes }, frame };
}

/** The others print a message alone. */
const showsFrames: ReadonlySet<string> = new Set(["vite", "rollup", "rolldown"]);
