/** What the names of a file refer to, through its imports and to the library. */
import { resolvePath } from "../../check/names/paths.js";
import type { Module } from "../../check/names/module.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { findNode } from "../../check/layers/scope.js";
import type { LibraryDefinition } from "../../library/definition.js";
import { library } from "../../library/index.js";
import type { SettingDefinition } from "../../library/settings.js";
import type { Declaration } from "../../syntax/ast.js";
import type { Analysis } from "../analysis/analyze.js";
import type { Meaningful } from "../analysis/versions.js";
import { bind } from "./bind.js";
import type { Bound, Local, Occurrence } from "./occurrence.js";

export type Meaning =
  | { readonly kind: "local"; readonly local: Local; readonly owner: Declaration }
  | { readonly kind: "declaration"; readonly declaration: Meaningful }
  | { readonly kind: "word"; readonly definition: LibraryDefinition }
  | {
      readonly kind: "word setting";
      readonly definition: LibraryDefinition;
      readonly setting: SettingDefinition;
    }
  /** `repeat`, `ceil`, `floor` */
  | { readonly kind: "built in"; readonly name: string }
  | { readonly kind: "choice"; readonly name: string; readonly definition: LibraryDefinition | undefined }
  /** `conv1` in `as conv1`. */
  | { readonly kind: "label"; readonly span: Span }
  /** A named part of a net, with the place where it got its name. */
  | { readonly kind: "part"; readonly net: string; readonly path: string; readonly span: Span | null };

export const builtIns: ReadonlyMap<string, string> = new Map([
  [
    "repeat",
    "Copies of a layer in a row, each with its own parameters: `repeat(3, layer)`, `repeat(i in 0..3, layer)`.",
  ],
  ["ceil", "Rounds a division up: `ceil(H / 2)`."],
  ["floor", "Rounds a division down, as `/` does anyway: `floor(H / 2)`."],
]);

export interface NamedPlace {
  readonly declaration: Declaration;
  readonly occurrence: Occurrence;
}

export interface FileNames {
  readonly bound: (declaration: Declaration) => Bound;
  readonly meaningOf: (place: NamedPlace) => Meaning | null;
  /** Every name of the file, in order. */
  readonly all: () => readonly NamedPlace[];
}

/** The names of an analyzed file. */
export function namesOf(analysis: Analysis): FileNames {
  const known = new Map<Declaration, Bound>();
  const boundIn = (declaration: Declaration, module: Module): Bound => {
    const bound =
      known.get(declaration) ?? bind(declaration, (name) => module.names.get(name)?.kind === "const");
    known.set(declaration, bound);
    return bound;
  };
  const declared = (name: string, module: Module): Meaning | null => {
    const found = module.names.get(name);
    if (found?.kind === "broken") return damaged(name, module);
    if (found !== undefined) return { kind: "declaration", declaration: found.declaration };
    const definition = library.get(name);
    if (definition !== undefined) return { kind: "word", definition };
    return builtIns.has(name) ? { kind: "built in", name } : null;
  };
  const settingOf = (callee: string, name: string): Meaning | null => {
    const meaning = declared(callee, analysis.module);
    if (meaning?.kind === "word") {
      const setting = meaning.definition.settings.find((candidate) => candidate.name === name);
      return setting === undefined ? null : { kind: "word setting", definition: meaning.definition, setting };
    }
    if (meaning?.kind !== "declaration") return null;
    const owner = meaning.declaration;
    const path = analysis.versions.get(owner)?.module.path ?? analysis.module.path;
    const module = analysis.modules.get(path) ?? analysis.module;
    const local = boundIn(owner, module).locals.find(
      (candidate) => candidate.name === name && candidate.kind.endsWith("setting"),
    );
    return local === undefined ? null : { kind: "local", local, owner };
  };
  const imported = (from: string, name: string): Meaning | null => {
    const resolved = resolvePath(analysis.module.path, from, analysis.checker.root);
    const module = resolved.kind === "path" ? analysis.modules.get(resolved.path) : undefined;
    const found = module?.names.get(name);
    return found === undefined || found.kind === "broken"
      ? null
      : { kind: "declaration", declaration: found.declaration };
  };
  return {
    bound: (declaration) => boundIn(declaration, analysis.module),
    all: () =>
      analysis.module.source.declarations.flatMap((declaration) =>
        boundIn(declaration, analysis.module).occurrences.map((occurrence) => ({ declaration, occurrence })),
      ),
    meaningOf: ({ declaration, occurrence: { target, name, span } }) => {
      switch (target.kind) {
        case "local":
          return { kind: "local", local: target.local, owner: declaration };
        case "global":
          return declared(name, analysis.module);
        case "argument":
          return target.callee === null ? null : settingOf(target.callee, name);
        case "choice":
          return { kind: "choice", name, definition: library.get(target.callee) };
        case "label":
          return { kind: "label", span };
        case "part":
          return partOf(target.path, analysis);
        case "import":
          return imported(target.from, name);
        case "alias":
          return imported(target.from, target.imported);
        case "declaration":
          return target.declaration.kind === "import"
            ? null
            : { kind: "declaration", declaration: target.declaration };
      }
    },
  };
}

/** A declaration whose header is damaged has a name all the same. */
function damaged(name: string, module: Module): Meaning | null {
  const found = module.source.declarations.find(
    (declaration) => declaration.kind !== "import" && declaration.name.name === name,
  );
  return found === undefined || found.kind === "import" ? null : { kind: "declaration", declaration: found };
}

function partOf(path: readonly string[], { module, checker }: Analysis): Meaning | null {
  const [root, ...segments] = path;
  const declared = root === undefined ? undefined : module.names.get(root);
  if (declared?.kind !== "net") return null;
  const net = checker.nets.get(declared.declaration);
  if (net === undefined || net === null || net === "pending") return null;
  const node = findNode(net.root, segments);
  return { kind: "part", net: net.name, path: segments.join("."), span: node?.span ?? null };
}
