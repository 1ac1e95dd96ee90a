/** Checks texts and files of this folder, and renders what is wrong with them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CheckResult, check } from "../../compiler/check/check.js";
import { renderDiagnostic } from "../../compiler/diagnostics/render.js";
import type { Model, NetModel, TrainModel } from "../../compiler/check/model.js";

export const here = dirname(fileURLToPath(import.meta.url));

/** The folder of the examples, from this one. */
export const examples = "../../dsl-examples";

/** Checks `main.net` among texts given by path. */
export function checkFiles(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): CheckResult {
  return check({ main: "main.net", readFile: (path) => files[path] ?? null, settings });
}

/** Checks one text. */
export function checkText(text: string, settings: Readonly<Record<string, string>> = {}): CheckResult {
  return checkFiles({ "main.net": text }, settings);
}

/** Checks a file of a folder beside this one. */
export function checkFile(folder: string, name: string): CheckResult {
  const readFile = (path: string): string | null => {
    try {
      return readFileSync(join(here, folder, path), "utf8");
    } catch {
      return null;
    }
  };
  return check({ main: name, readFile });
}

/** All messages as the terminal shows them. */
export function rendered({ diagnostics, sources }: CheckResult): string {
  return diagnostics
    .map((found) => renderDiagnostic(found, (file) => sources.get(file) ?? null, { color: false }))
    .join("\n");
}

/** The Model; throws with the messages when there is none. */
export function modelOf(result: CheckResult): Model {
  if (result.model === null) throw new Error(rendered(result));
  return result.model;
}

export function netOf(result: CheckResult, name?: string): NetModel {
  const { nets } = modelOf(result);
  const net = name === undefined ? nets[0] : nets.find((candidate) => candidate.name === name);
  if (net === undefined) throw new Error("there is no such net");
  return net;
}

export function sectionOf(result: CheckResult): TrainModel {
  const [section] = modelOf(result).sections;
  if (section === undefined) throw new Error("there is no train section");
  return section;
}
