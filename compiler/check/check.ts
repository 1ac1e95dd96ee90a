/**
 * Checks a file: reads it and its imports, elaborates every net and train section, and
 * gives the Model, or the mistakes.
 *
 * Before: texts. After: a Model in which every size is known, or at least one error.
 */
import { type Diagnostic, diagnostic } from "../diagnostics/diagnostic.js";
import type { LibraryDefinition } from "../library/definition.js";
import { library } from "../library/index.js";
import { parse } from "../syntax/parse.js";
import type { Checker, Parse } from "./checker.js";
import { evaluate } from "./expressions/evaluate.js";
import { type Operations, moduleFrame } from "./frame.js";
import { apply } from "./layers/apply.js";
import { createNumbering } from "./replay/numbering.js";
import type { Model } from "./model.js";
import { loadModule } from "./names/load.js";
import type { Module } from "./names/module.js";
import { reportUnusedOverrides } from "./names/overrides.js";
import { directoryOf, normalize } from "./names/paths.js";
import { namesInItem } from "./names/references.js";
import { warnUnusedDeclarations } from "./names/unused.js";
import { checkBlocks } from "./nets/check-blocks.js";
import { elaborateNet } from "./nets/elaborate.js";
import { modelOfNet } from "./nets/net-model.js";
import { callNonLayer } from "./settings/calls.js";
import { elaborateSection } from "./train/section.js";

export interface CheckOptions {
  /** The file to check, as messages shall name it. */
  readonly main: string;
  /** The text of a file by its path; null when there is none. Imports are relative to the importing file. */
  readonly readFile: (path: string) => string | null;
  /** Overrides of constants and nets' settings: `{ width: "32", "Autoencoder.code": "16" }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder that imports must stay in; by default the current one, or the main file's when it lies elsewhere. */
  readonly root?: string;
  readonly parse?: Parse;
  readonly library?: ReadonlyMap<string, LibraryDefinition>;
}

export interface CheckResult {
  /** null when there are errors. */
  readonly model: Model | null;
  /** Errors, warnings and hints, in the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
  /** The texts of all files read, for rendering. */
  readonly sources: ReadonlyMap<string, string>;
}

export function check(options: CheckOptions): CheckResult {
  const checker = newChecker(options);
  const main = normalize(options.main);
  const text = options.readFile(options.main);
  if (text === null) {
    const span = { file: options.main, start: 0, end: 0 };
    return result(checker, null, [diagnostic("import", span, `there is no file \`${options.main}\``)]);
  }
  const module = loadModule(checker, main, text);
  const model = module === null ? null : elaborateModule(checker, module);
  return result(checker, model, checker.diagnostics);
}

function result(checker: Checker, model: Model | null, diagnostics: readonly Diagnostic[]): CheckResult {
  return {
    model: hasErrors(diagnostics) ? null : model,
    diagnostics: worthSaying(diagnostics).toSorted(bySource),
    sources: checker.sources,
  };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** What is unused may be unused because of a mistake: first things first. */
export function worthSaying(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return hasErrors(diagnostics) ? diagnostics.filter(({ code }) => code !== "unused") : diagnostics;
}

/** The order in which mistakes are shown. */
export function bySource(left: Diagnostic, right: Diagnostic): number {
  if (left.span.file !== right.span.file) return left.span.file < right.span.file ? -1 : 1;
  return left.span.start - right.span.start;
}

/** A checker that has seen nothing yet. */
export function newChecker(options: CheckOptions): Checker {
  const isElsewhere = options.main.startsWith("/") || options.main.startsWith("../");
  return {
    readFile: options.readFile,
    root: options.root ?? (isElsewhere ? directoryOf(normalize(options.main)) : ""),
    parse: options.parse ?? parse,
    library: options.library ?? library,
    overrides: new Map(Object.entries(options.settings ?? {})),
    overridesUsed: new Set(),
    diagnostics: [],
    sources: new Map(),
    modules: new Map(),
    earlierModules: new Map(),
    constants: new Map(),
    nets: new Map(),
    instances: new Map(),
    recordings: new WeakMap(),
    earlierNets: new Map(),
    memory: null,
    namesInItem,
    numberOf: createNumbering(),
    recursion: new Map(),
    elaboratedBlocks: new Set(),
    work: { tensors: 0, evaluations: 0, nesting: 0, mistakes: 0, exhausted: false },
    observer: null,
    namePlace: null,
  };
}

/** The parts of the checker that need each other. */
export const operations: Operations = { evaluate, apply, elaborateNet, callNonLayer };

function elaborateModule(checker: Checker, module: Module): Model {
  const frame = moduleFrame(checker, operations, module);
  const own = [...module.names.values()].filter(
    (declared) => declared.kind === "net" && declared.module === module,
  );
  for (const declared of module.names.values()) {
    if (declared.kind === "const" && declared.module === module) {
      evaluate({ kind: "name", span: declared.span, name: declared.declaration.name.name }, frame);
    }
  }
  for (const declared of own) {
    if (declared.kind === "net") elaborateNet(module, declared.declaration, frame, declared.span);
  }
  const sections = module.sections.flatMap((section) => elaborateSection(section, frame) ?? []);
  checkBlocks(module, frame);
  warnUnusedDeclarations(module, checker);
  reportUnusedOverrides(module, frame);
  const nets = [...checker.nets.values()].filter((net) => net !== "pending" && net !== null);
  const mine = nets.filter((net) =>
    own.some((declared) => declared.kind === "net" && declared.declaration === net.declaration),
  );
  const inOrder = own.flatMap((declared) =>
    mine.filter((net) => declared.kind === "net" && net.declaration === declared.declaration),
  );
  const others = nets.filter((net) => !mine.includes(net));
  return { nets: [...inOrder, ...others].map((net) => modelOfNet(net, checker)), sections };
}
