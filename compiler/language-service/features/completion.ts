/** What could be written at the cursor, by what stands around it. */
import { resolvePath } from "../../check/names/paths.js";
import { findNode, isLeaf } from "../../check/layers/scope.js";
import type { LibraryDefinition } from "../../library/definition.js";
import { library } from "../../library/index.js";
import type { SettingDefinition } from "../../library/settings.js";
import { signatureOf } from "../../library/signature.js";
import type { Analysis } from "../analysis/analyze.js";
import { boundAt, netNamed, shapeText } from "../analysis/lookup.js";
import type { Local } from "../names/occurrence.js";
import { builtIns, namesOf } from "../names/symbols.js";
import { type Location, declarationAt, locate, touches } from "../source/locate.js";
import type { Completion, CompletionKind } from "../types.js";
import { type Context, type OpenCall, cursorAt } from "./context.js";
import { declarationSnippets, itemSnippets } from "./snippets.js";
import { choicesOf, settingText, wordText } from "./words.js";

type Draft = Omit<Completion, "range">;

/** `files` are the paths that could be imported. */
export function completionsAt(
  analysis: Analysis,
  offset: number,
  files: readonly string[],
): readonly Completion[] {
  const location = locate(analysis.file, offset);
  const { context, prefix } = cursorAt(location.before);
  const range = { start: offset - prefix.length, end: offset };
  const seen = new Set<string>();
  return draftsFor(context, location, analysis, files).flatMap((draft) => {
    if (seen.has(draft.label)) return [];
    seen.add(draft.label);
    const typed = context.kind === "path" ? context.typed.length : 0;
    return [{ ...draft, range: typed === 0 ? range : { start: offset - typed, end: offset } }];
  });
}

function draftsFor(
  context: Context,
  location: Location,
  analysis: Analysis,
  files: readonly string[],
): readonly Draft[] {
  switch (context.kind) {
    case "nothing":
      return [];
    case "declaration":
      return declarationSnippets;
    case "import":
      return importable(location, analysis);
    case "path":
      return paths(analysis, files);
    case "layer":
      return [
        ...locals(location, analysis, isLayerLocal),
        ...declared(analysis, ["block", "net"]),
        ...words(isFlow),
        ...builtIn(["repeat"]),
      ];
    case "size":
      return [
        ...locals(location, analysis, isSizeLocal),
        ...declared(analysis, ["const"]),
        ...builtIn(["ceil", "floor"]),
      ];
    case "argument":
      return [...settingsOf(context.call, analysis), ...valuesAnywhere(location, analysis)];
    case "value":
      return [...valuesOf(context.call, context.setting, analysis), ...valuesAnywhere(location, analysis)];
    case "net":
      return declared(analysis, ["net"]);
    case "optimizer":
      return words(({ kind }) => kind === "optimizer");
    case "distribution":
      return words(({ kind }) => kind === "initializer");
    case "part":
      return parts(context.path, analysis);
    case "item":
      return [...(context.isTrain ? itemSnippets : []), ...expressions(location, analysis)];
    case "expression":
      return expressions(location, analysis);
  }
}

function expressions(location: Location, analysis: Analysis): readonly Draft[] {
  return [
    ...locals(location, analysis, () => true),
    ...declared(analysis, ["block", "net", "const"]),
    ...words(({ kind }) => kind === "layer"),
    ...builtIn(["repeat"]),
    draft("if", "keyword", "if c then a else b", "", "if ${1:condition} then ${2:a} else ${3:b}", 6),
  ];
}

function valuesAnywhere(location: Location, analysis: Analysis): readonly Draft[] {
  return [...locals(location, analysis, () => true), ...declared(analysis, ["const", "block"])];
}

// ---------------------------------------------------------------------- names

function locals(
  location: Location,
  analysis: Analysis,
  isWanted: (local: Local, analysis: Analysis) => boolean,
): readonly Draft[] {
  const declaration = declarationAt(location);
  if (declaration === null) return [];
  return namesOf(analysis)
    .bound(declaration)
    .locals.filter((local) => {
      const isAbove = local.kind !== "binding" || local.span.end < location.place;
      return isAbove && touches(local.scope, location.place) && isWanted(local, analysis);
    })
    .map((local) => {
      const [value] = boundAt(analysis, local.span);
      const detail = (value === undefined ? null : shapeText(value)) ?? local.kind;
      const documentation = local.documentation.map(({ text }) => text.trim()).join("\n");
      return draft(
        local.name,
        local.kind === "size" ? "size" : "variable",
        detail,
        documentation,
        local.name,
        0,
      );
    });
}

function isLayerLocal(local: Local, analysis: Analysis): boolean {
  return local.kind === "block setting" || boundAt(analysis, local.span).some(({ kind }) => kind === "layer");
}

function isSizeLocal({ kind }: Local): boolean {
  return kind === "size" || kind === "setting" || kind === "binding";
}

function declared(
  { module, checker }: Analysis,
  kinds: readonly ("block" | "net" | "const")[],
): readonly Draft[] {
  return [...module.names].flatMap(([name, found]) => {
    if (found.kind === "broken" || !kinds.includes(found.kind)) return [];
    const { declaration } = found;
    const kind: CompletionKind = found.kind === "const" ? "constant" : found.kind;
    const settings =
      declaration.kind === "block" ? declaration.settings.filter((setting) => setting.default === null) : [];
    const text = checker.sources.get(declaration.span.file) ?? "";
    const [header = ""] = text.slice(declaration.span.start, declaration.span.end).split(/[{\r\n]/, 1);
    const documentation = declaration.documentation.map((comment) => comment.text.trim()).join("\n");
    return [
      draft(
        name,
        kind,
        header.trim(),
        documentation,
        callSnippet(
          name,
          settings.map((setting) => setting.name.name),
        ),
        1,
      ),
    ];
  });
}

function parts(path: readonly string[], analysis: Analysis): readonly Draft[] {
  const [root, ...segments] = path;
  const found = root === undefined ? undefined : analysis.module.names.get(root);
  const net = found?.kind === "net" ? netNamed(analysis, found.declaration.name.name) : null;
  const node = net === null ? null : findNode(net.root, segments);
  if (node === null || isLeaf(node)) return [];
  return [...node.children].map(([name, child]) =>
    draft(name, "part", isLeaf(child) ? child.recipe.definition.name : "", "", name, 0),
  );
}

// ---------------------------------------------------------------- the library

function words(isWanted: (definition: LibraryDefinition) => boolean): readonly Draft[] {
  return [...library.values()].filter(isWanted).map((definition) => {
    const required = definition.settings.filter((setting) => setting.default === undefined);
    const operands = definition.kind === "layer" && !definition.isLayer ? definition.tensors : [];
    const names = [...operands, ...required.map(({ name }) => name)];
    const kind = definition.kind === "layer" ? (definition.isLayer ? "layer" : "function") : definition.kind;
    return draft(
      definition.name,
      kind,
      signatureOf(definition),
      wordText(definition),
      callSnippet(definition.name, names),
      3,
    );
  });
}

/** What stands after an arrow: layers, activations, and functions of one tensor. */
function isFlow(definition: LibraryDefinition): boolean {
  if (definition.kind !== "layer" || definition.takesParameters === true) return false;
  return definition.isLayer || (definition.tensors.length === 1 && definition.category !== "metric");
}

function builtIn(names: readonly string[]): readonly Draft[] {
  return names.map((name) => {
    const snippet = name === "repeat" ? "repeat(${1:n}, ${2:layer})" : `${name}(\${1:a / b})`;
    return draft(name, "function", name, builtIns.get(name) ?? "", snippet, 2);
  });
}

function settingsOf(call: OpenCall, { module }: Analysis): readonly Draft[] {
  const given = new Set(call.named);
  const found = module.names.get(call.callee);
  if (found?.kind === "block") {
    return found.declaration.settings
      .map(({ name }) => name.name)
      .filter((name, index) => !given.has(name) && index >= call.position - given.size)
      .map((name) => draft(name, "setting", `${name}=`, "", `${name}=`, 0));
  }
  const definition = found === undefined ? library.get(call.callee) : undefined;
  return (definition?.settings ?? [])
    .filter(({ name }, index) => !given.has(name) && index >= call.position - given.size)
    .map((setting) =>
      draft(setting.name, "setting", `${setting.name}=`, settingText(setting), `${setting.name}=`, 0),
    );
}

/** `same` for a padding, schedules for a rate, initializers for an initializer. */
function valuesOf(call: OpenCall, name: string, { module }: Analysis): readonly Draft[] {
  const definition = module.names.has(call.callee) ? undefined : library.get(call.callee);
  const setting = definition?.settings.find((candidate) => candidate.name === name);
  return setting === undefined ? [] : valuesOfSetting(setting);
}

function valuesOfSetting(setting: SettingDefinition): readonly Draft[] {
  if (setting.type === "rate") return words(({ kind }) => kind === "schedule");
  if (setting.type === "initializer") return words(({ kind }) => kind === "initializer");
  return choicesOf(setting).map((choice) =>
    draft(choice, "word", setting.name, setting.documentation, choice, 0),
  );
}

// -------------------------------------------------------------------- imports

function importable(location: Location, analysis: Analysis): readonly Draft[] {
  const declaration = declarationAt(location);
  if (declaration?.kind !== "import") return [];
  const resolved = resolvePath(analysis.module.path, declaration.from.value, analysis.checker.root);
  const module = resolved.kind === "path" ? analysis.modules.get(resolved.path) : undefined;
  const given = new Set(declaration.names.map(({ imported }) => imported.name));
  return [...(module?.names ?? [])].flatMap(([name, found]) =>
    given.has(name) || found.kind === "broken"
      ? []
      : [draft(name, found.kind === "const" ? "constant" : found.kind, found.kind, "", name, 0)],
  );
}

/** Other files of the workspace, as an import here would name them. */
function paths({ module }: Analysis, files: readonly string[]): readonly Draft[] {
  const from = module.path.split("/").slice(0, -1);
  return files.flatMap((file) => {
    if (file === module.path) return [];
    const to = file.split("/");
    let shared = 0;
    while (shared < from.length && from[shared] === to[shared]) shared += 1;
    const up = "../".repeat(from.length - shared);
    const path = `${up === "" ? "./" : up}${to.slice(shared).join("/")}`;
    return [draft(path, "file", file, "", path, 0)];
  });
}

// -------------------------------------------------------------------- drafts

function draft(
  label: string,
  kind: CompletionKind,
  detail: string,
  documentation: string,
  snippet: string,
  rank: number,
): Draft {
  return { label, kind, detail, documentation, snippet, rank };
}

function callSnippet(name: string, required: readonly string[]): string {
  if (required.length === 0) return name;
  return `${name}(${required.map((setting, index) => `\${${String(index + 1)}:${setting}}`).join(", ")})`;
}
