/**
 * Warns about what a file declares and never mentions: settings of blocks and nets,
 * constants, imported names. Names that begin with `_` are meant to be unused.
 */
import { type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration, Declaration, NetDeclaration, Signature } from "../../syntax/ast.js";
import { lazily } from "../../syntax/lexer/lazily.js";
import { type Checker, report } from "../checker.js";
import type { Module } from "./module.js";
import { type NamesOfItem, addNamesIn, addNamesInBody, namesInBody } from "./references.js";

/** `namesIn` gives the names that a declaration mentions. */
export function warnUnusedDeclarations(
  { source }: Module,
  checker: Checker,
  namesIn: (declaration: Declaration) => ReadonlySet<string> = (declaration) =>
    namesInDeclaration(declaration),
): void {
  const { declarations } = source;
  const warn = (span: Span, message: string): void => {
    report(checker, diagnostic("unused", span, message, { severity: "warning" }));
  };
  for (const declaration of declarations) {
    if (declaration.kind !== "block" && declaration.kind !== "net") continue;
    const mentioned = namesIn(declaration);
    for (const { name } of declaration.settings) {
      if (isUnused(name.name, mentioned)) warn(name.span, `the setting \`${name.name}\` is never used`);
    }
  }
  // A file of blocks and constants is there to be imported.
  if (!declarations.some(({ kind }) => kind === "net" || kind === "train")) return;
  const mentioned = lazily(() => new Set(declarations.flatMap((declaration) => [...namesIn(declaration)])));
  for (const declaration of declarations) {
    if (declaration.kind === "const" && isUnused(declaration.name.name, mentioned())) {
      warn(declaration.name.span, `the constant \`${declaration.name.name}\` is never used`);
    }
    if (declaration.kind !== "import") continue;
    for (const { local } of declaration.names) {
      if (isUnused(local.name, mentioned())) warn(local.span, `the imported \`${local.name}\` is never used`);
    }
  }
}

function isUnused(name: string, mentioned: ReadonlySet<string>): boolean {
  return !mentioned.has(name) && !name.startsWith("_");
}

/** Everything that may use a setting: later defaults, the signature, the definition. */
function namesBehindSettings(
  declaration: BlockDeclaration | NetDeclaration,
  namesOf: NamesOfItem | undefined,
): Set<string> {
  const names = new Set<string>();
  for (const setting of declaration.settings) {
    if (setting.default !== null) addNamesIn(setting.default, names);
  }
  if (declaration.kind === "net") addBody(declaration, names, namesOf);
  else if (declaration.definition.kind === "body") addBody(declaration.definition, names, namesOf);
  else addNamesIn(declaration.definition.layer, names);
  return names;
}

function addBody(
  { signature, body }: Pick<NetDeclaration, "signature" | "body">,
  names: Set<string>,
  namesOf: NamesOfItem | undefined,
): void {
  for (const name of namesInSignature(signature)) names.add(name);
  addNamesInBody(body, names, namesOf);
}

export function namesInSignature({ inputs, outputs, where }: Signature): Set<string> {
  const names = new Set<string>();
  const axes = [...inputs.map(({ shape }) => shape), ...(outputs ?? [])].flatMap((shape) => shape.axes);
  for (const axis of axes) if (axis.kind === "size") addNamesIn(axis.expression, names);
  for (const condition of where) addNamesIn(condition, names);
  return names;
}

/** Every name that a declaration mentions, without knowing what it means. */
export function namesInDeclaration(declaration: Declaration, namesOf?: NamesOfItem): ReadonlySet<string> {
  switch (declaration.kind) {
    case "import":
      return new Set();
    case "const": {
      const names = new Set<string>();
      addNamesIn(declaration.value, names);
      return names;
    }
    case "block":
    case "net":
      return namesBehindSettings(declaration, namesOf);
    case "train":
      return namesInBody(declaration.body, namesOf);
  }
}
