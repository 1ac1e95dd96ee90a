/** Blocks do not recurse: a block that mentions itself, directly or through others, is refused. */
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration } from "../../syntax/ast.js";
import { report } from "../checker.js";
import type { Frame } from "../frame.js";
import { addNamesIn, namesInBody } from "./references.js";
import type { Module } from "./module.js";

interface Mention {
  readonly declaration: BlockDeclaration;
  readonly module: Module;
}

/** Reports a block that uses itself; false when it does not. */
export function reportRecursion(declaration: BlockDeclaration, module: Module, frame: Frame): boolean {
  const known = frame.checker.recursion.get(declaration);
  if (known === true) frame.checker.work.mistakes += 1;
  if (known !== undefined) return known;
  const path = pathBack(declaration, module);
  frame.checker.recursion.set(declaration, path !== null);
  if (path === null) return false;
  const { name } = declaration.name;
  const through = path.map((step) => step.declaration.name.name);
  const isDirect = through.length === 1;
  report(
    frame.checker,
    diagnostic("limit", declaration.name.span, `the block \`${name}\` uses itself, and would never end`, {
      notes: isDirect ? [] : [`${[name, ...through].join(" uses ")}`],
      related: isDirect
        ? []
        : path.slice(0, -1).map((step) => ({ span: step.declaration.name.span, label: "on the way" })),
      suggestion: { message: "Blocks cannot recurse; to stack copies, use repeat(n, layer).", edits: [] },
    }),
  );
  return true;
}

/** The shortest chain of mentions from a block back to itself; null when there is none. */
function pathBack(start: BlockDeclaration, module: Module): readonly Mention[] | null {
  const seen = new Set<BlockDeclaration>();
  let paths: (readonly Mention[])[] = [[{ declaration: start, module }]];
  while (paths.length > 0) {
    const longer: (readonly Mention[])[] = [];
    for (const path of paths) {
      for (const mention of mentions(path.at(-1)!)) {
        if (mention.declaration === start) return [...path.slice(1), mention];
        if (seen.has(mention.declaration)) continue;
        seen.add(mention.declaration);
        longer.push([...path, mention]);
      }
    }
    paths = longer;
  }
  return null;
}

/** The blocks that a block's definition mentions. */
function mentions({ declaration, module }: Mention): readonly Mention[] {
  const names = new Set<string>();
  if (declaration.definition.kind === "layer") addNamesIn(declaration.definition.layer, names);
  else for (const name of namesInBody(declaration.definition.body)) names.add(name);
  for (const setting of declaration.settings)
    if (setting.default !== null) addNamesIn(setting.default, names);
  for (const setting of declaration.settings) names.delete(setting.name.name);
  return [...names].flatMap((name) => {
    const found = module.names.get(name);
    return found?.kind === "block" ? [{ declaration: found.declaration, module: found.module }] : [];
  });
}
