/** Reads a file and the files it imports; each is read once, and cycles are reported. */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import { closest } from "../../diagnostics/suggest.js";
import { unreachable } from "../../diagnostics/invariant.js";
import type {
  Declaration,
  Identifier,
  ImportDeclaration,
  SourceFile,
  TrainDeclaration,
} from "../../syntax/ast.js";
import { type Checker, report } from "../checker.js";
import { limits } from "../limits.js";
import { didYouMean } from "./lookup.js";
import type { Module, ModuleUnderConstruction, TopLevel } from "./module.js";
import { resolvePath } from "./paths.js";

/** The module of a file that exists; null while it is being read, which is a cycle. */
export function loadModule(checker: Checker, path: string, text: string): Module | null {
  const known = checker.modules.get(path);
  if (known !== undefined) return known;
  checker.modules.set(path, null);
  checker.sources.set(path, text);
  const { source, diagnostics } = checker.parse(text, path);
  for (const found of diagnostics) report(checker, found);
  const module = emptyModule(checker, path, source);
  const { names, sections } = module;
  for (const declaration of source.declarations) declare(checker, module, declaration, names, sections);
  checker.modules.set(path, module);
  return module;
}

/** What was found out earlier and still holds knows the module, so it must not keep an old text alive. */
function emptyModule(checker: Checker, path: string, source: SourceFile): ModuleUnderConstruction {
  const known = checker.earlierModules.get(path);
  const module = known ?? { path, source, names: new Map<string, TopLevel>(), sections: [] };
  checker.earlierModules.set(path, module);
  module.source = source;
  module.names.clear();
  module.sections.length = 0;
  return module;
}

function declare(
  checker: Checker,
  module: Module,
  declaration: Declaration,
  names: Map<string, TopLevel>,
  sections: TrainDeclaration[],
): void {
  switch (declaration.kind) {
    case "import":
      for (const { local, found } of importNames(checker, module, declaration))
        bind(checker, names, local, found);
      return;
    case "const":
      bind(checker, names, declaration.name, {
        kind: "const",
        declaration,
        module,
        span: declaration.name.span,
      });
      return;
    case "block":
      if (declaration.damaged === true) return bindBroken(checker, names, declaration.name);
      bind(checker, names, declaration.name, {
        kind: "block",
        declaration,
        module,
        span: declaration.name.span,
      });
      return;
    case "net":
      if (declaration.damaged === true) return bindBroken(checker, names, declaration.name);
      bind(checker, names, declaration.name, {
        kind: "net",
        declaration,
        module,
        span: declaration.name.span,
      });
      return;
    case "train": {
      const earlier = sections.find(({ name }) => name.name === declaration.name.name);
      if (earlier !== undefined) reportTaken(checker, declaration.name, earlier.name.span);
      else sections.push(declaration);
      return;
    }
    default:
      unreachable(declaration, "declaration");
  }
}

/** The parser has said what is wrong with it; whoever uses it hears nothing more. */
function bindBroken(checker: Checker, names: Map<string, TopLevel>, name: Identifier): void {
  bind(checker, names, name, { kind: "broken", span: name.span });
}

function bind(checker: Checker, names: Map<string, TopLevel>, name: Identifier, found: TopLevel): void {
  const earlier = names.get(name.name);
  if (earlier !== undefined) reportTaken(checker, name, earlier.span);
  else names.set(name.name, { ...found, span: name.span });
}

function reportTaken(checker: Checker, name: Identifier, earlier: Span): void {
  report(
    checker,
    diagnostic("name", name.span, `\`${name.name}\` is declared twice`, {
      related: [{ span: earlier, label: "first declared here" }],
    }),
  );
}

interface ImportedName {
  readonly local: Identifier;
  readonly found: TopLevel;
}

function importNames(
  checker: Checker,
  module: Module,
  declaration: ImportDeclaration,
): readonly ImportedName[] {
  const imported = openImport(checker, module, declaration);
  return declaration.names.map(({ imported: name, local }) => {
    const broken = { kind: "broken", span: local.span } as const;
    if (imported === null) return { local, found: broken };
    const found = imported.names.get(name.name);
    if (found !== undefined) return { local, found };
    const similar = closest(name.name, imported.names.keys());
    const section = imported.sections.some((train) => train.name.name === name.name);
    report(
      checker,
      diagnostic("import", name.span, `\`${imported.path}\` does not declare \`${name.name}\``, {
        notes: section
          ? ["train sections cannot be imported"]
          : [`it declares ${[...imported.names.keys()].slice(0, 12).join(", ") || "nothing"}`],
        suggestion: similar === null ? null : didYouMean(similar, name.span),
      }),
    );
    return { local, found: broken };
  });
}

/** The imported module; null, with a message, when there is none to import from. */
function openImport(checker: Checker, module: Module, { from }: ImportDeclaration): Module | null {
  const refuse = (message: string, notes: readonly string[]): null => {
    report(checker, diagnostic("import", from.span, message, { notes }));
    return null;
  };
  const resolved = resolvePath(module.path, from.value, checker.root);
  if (resolved.kind === "refused") return refuse(resolved.message, resolved.notes);
  const known = checker.modules.get(resolved.path);
  if (known === null) {
    return refuse(`\`${from.value}\` imports this file, directly or through others`, [
      "files that need each other's declarations belong in one file, or share a third",
    ]);
  }
  if (known !== undefined) return known;
  if (checker.modules.size >= limits.files) {
    return refuse("too many files are imported", [`the limit is ${String(limits.files)} files`]);
  }
  const text = checker.readFile(resolved.path);
  if (text === null)
    return refuse(`there is no file \`${resolved.path}\``, [
      "imports are relative to the file they stand in",
    ]);
  return loadModule(checker, resolved.path, text);
}
