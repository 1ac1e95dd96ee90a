/**
 * Checks a file again after a change, and only what the change can have reached.
 *
 * Before: texts, and what the last run found out. After: the same diagnostics that a first run
 * on these texts gives, and the facts behind them.
 */
import { bySource, newChecker, operations as parts, worthSaying } from "../../check/check.js";
import { type Checker, report } from "../../check/checker.js";
import type { Operations } from "../../check/frame.js";
import { placeOfNet } from "../../check/replay/keep-recordings.js";
import { createMemory } from "../../check/replay/memory.js";
import { createNumbering } from "../../check/replay/numbering.js";
import { limits } from "../../check/limits.js";
import { valueOfConstant } from "../../check/names/constants.js";
import { loadModule } from "../../check/names/load.js";
import { isUnknownName } from "../../check/names/lookup.js";
import type { Module } from "../../check/names/module.js";
import { normalize } from "../../check/names/paths.js";
import { warnUnusedDeclarations } from "../../check/names/unused.js";
import { checkNamesOfBlock } from "../../check/nets/check-blocks.js";
import { checkUnusedBlock } from "../../check/nets/check-unused-blocks.js";
import { elaborateAlone, elaborateNet, reportEqualNames } from "../../check/nets/elaborate.js";
import { checkSection } from "../../check/train/section.js";
import { type Diagnostic, type Span, diagnostic } from "../../diagnostics/diagnostic.js";
import type { Declaration } from "../../syntax/ast.js";
import type { ParsedFile } from "../source/files.js";
import { type Places, createPlaces, markPlace } from "../source/places.js";
import { type Unit, runUnit } from "./units.js";
import { type Mentions, type Version, createMentions, createNamesInItem, findVersions } from "./versions.js";

export interface Analysis {
  readonly file: ParsedFile;
  /** The file and everything it imports, by path. */
  readonly files: ReadonlyMap<string, ParsedFile>;
  readonly module: Module;
  readonly modules: ReadonlyMap<string, Module>;
  readonly places: Places;
  /** In order, with spans in files. Those of imported files are among them. */
  readonly diagnostics: readonly Diagnostic[];
  readonly versions: ReadonlyMap<Declaration, Version>;
  /** All that was found out, in the order of the declarations. */
  readonly units: readonly Unit[];
  /** For `modelOfNet`: knows the finished nets. */
  readonly checker: Checker;
}

export interface Analyzer {
  readonly analyze: () => Analysis | null;
}

export interface AnalyzerOptions {
  readonly path: string;
  readonly root: string;
  /** null when there is no such file. */
  readonly parseFile: (path: string) => ParsedFile | null;
}

/** Checks one file and its imports again and again; null when the file is gone. */
export function createAnalyzer(options: AnalyzerOptions): Analyzer {
  const namesInItem = createNamesInItem();
  const mentions = createMentions(namesInItem);
  let known: ReadonlyMap<Declaration, Version> = new Map();
  const instances: Checker["instances"] = new Map();
  const earlierModules: Checker["earlierModules"] = new Map();
  const memory = createMemory();
  const earlierNets: Checker["earlierNets"] = new Map();
  const numberOf = createNumbering();
  let tensors = 0;
  return {
    analyze: () => {
      const file = options.parseFile(options.path);
      if (file === null) return null;
      const files = new Map<string, ParsedFile>();
      const started = startChecker(options, files);
      const checker: Checker = {
        ...started,
        ...{ instances, earlierModules, earlierNets, memory, namesInItem, numberOf },
      };
      checker.work.tensors = tensors;
      const module = loadModule(checker, normalize(options.path), file.text);
      if (module === null) return null;
      for (const path of earlierModules.keys()) if (!checker.modules.has(path)) earlierModules.delete(path);
      const versions = findVersions(module, known, mentions);
      known = versions.of;
      const run = checkVersions(checker, module, versions.inOrder, versions.of, mentions);
      tensors = checker.work.tensors;
      forgetOtherNets(checker, versions.inOrder);
      const places = createPlaces(files.values());
      return {
        file,
        files,
        module,
        modules: new Map(
          [...checker.modules].flatMap(([path, found]) => (found === null ? [] : [[path, found]])),
        ),
        places,
        diagnostics: worthSaying(run.diagnostics.slice(0, limits.diagnostics))
          .map(places.resolveDiagnostic)
          .toSorted(bySource),
        versions: versions.of,
        units: run.units,
        checker,
      };
    },
  };
}

/** Of nets that are gone, or were elaborated again, nothing is kept. */
function forgetOtherNets(checker: Checker, versions: readonly Version[]): void {
  const { earlierNets, instances, nets } = checker;
  const places = new Set(
    versions.map(({ declaration, module }) => placeOfNet(declaration.name.name, module)),
  );
  for (const place of earlierNets.keys()) if (!places.has(place)) earlierNets.delete(place);
  const known = new Set(
    [...nets.values()].map((net) => (net === "pending" || net === null ? null : net.construction.identity)),
  );
  for (const net of instances.keys()) if (!known.has(net)) instances.delete(net);
}

function startChecker({ path, root, parseFile }: AnalyzerOptions, files: Map<string, ParsedFile>): Checker {
  const checker: Checker = {
    ...newChecker({
      main: path,
      root,
      readFile: (other) => parseFile(other)?.text ?? null,
      parse: (text, name) => {
        const parsed = parseFile(name);
        if (parsed === null || parsed.text !== text) return { source: emptySource(name), diagnostics: [] };
        files.set(name, parsed);
        for (const { piece } of parsed.pieces) checker.sources.set(piece.id, piece.text);
        return parsed;
      },
    }),
    namePlace: markPlace((piece) => checker.sources.get(piece)),
  };
  return checker;
}

function emptySource(file: string): ParsedFile["source"] {
  return { span: { file, start: 0, end: 0 }, declarations: [], comments: [] };
}

interface Run {
  readonly diagnostics: readonly Diagnostic[];
  readonly units: readonly Unit[];
}

function checkVersions(
  base: Checker,
  main: Module,
  inOrder: readonly Version[],
  versions: ReadonlyMap<Declaration, Version>,
  mentions: Mentions,
): Run {
  const meanings: ReadonlyMap<object, Version> = versions;
  const checker: Checker = { ...base, numberOf: (object) => base.numberOf(meanings.get(object) ?? object) };
  const units: Unit[] = [];
  let evaluations = 0;
  const account = (unit: Unit): void => {
    units.push(unit);
    evaluations += unit.evaluations;
  };
  const isSpent = (): boolean => evaluations > limits.evaluations;

  /** What is known of a version, or is found out now. */
  const unitOf = (version: Version, nesting: number): Unit => {
    version.unit ??= keep(version, checkVersion(version, nesting));
    return version.unit;
  };
  const keep = (version: Version, unit: Unit): Unit => {
    if (unit.diagnostics.some(({ code }) => code === "name" || code === "import")) {
      version.candidates = [...version.module.names.keys()].join();
    }
    return unit;
  };
  const operations: Operations = {
    ...parts,
    elaborateNet: (module, declaration, user, use) => {
      const version = versions.get(declaration);
      if (version !== undefined && !base.nets.has(declaration)) {
        if (isSpent()) return null;
        finish(version, user.checker.work.nesting);
      }
      return elaborateNet(module, declaration, user, use);
    },
  };
  const checkVersion = (version: Version, nesting: number): Unit => {
    const { declaration } = version;
    const module = version.module;
    return runUnit(checker, operations, module, nesting, (frame) => {
      switch (declaration.kind) {
        case "const":
          return { constant: valueOfConstant(declaration, module, frame, declaration.name.span) };
        case "net":
          base.nets.set(declaration, "pending");
          return { net: elaborateAlone(declaration, frame) };
        case "train":
          checkSection(declaration, frame);
          return {};
        case "block":
          checkNamesOfBlock(declaration, frame);
          return {};
      }
    });
  };
  const finish = (version: Version, nesting: number): void => {
    const { declaration } = version;
    const unit = unitOf(version, nesting);
    account(unit);
    if (declaration.kind === "const" && unit.constant !== null)
      base.constants.set(declaration, unit.constant);
    if (declaration.kind !== "net" || unit.net === null) return;
    // Nets appear in the order in which they are finished.
    base.nets.delete(declaration);
    base.nets.set(declaration, unit.net);
  };

  for (const version of inOrder) {
    const { kind } = version.declaration;
    if (isSpent()) break;
    const isDone = version.declaration.kind === "net" && base.nets.has(version.declaration);
    if ((kind === "const" || kind === "net") && isDeclared(version, version.module) && !isDone)
      finish(version, 0);
  }
  for (const section of main.sections) {
    const version = versions.get(section);
    if (version !== undefined && !isSpent()) finish(version, 0);
  }
  const used = new Set(units.flatMap(({ blocks }) => [...blocks]));
  for (const declared of main.names.values()) {
    if (declared.kind !== "block" || declared.module !== main || isSpent()) continue;
    const version = versions.get(declared.declaration);
    if (version === undefined) continue;
    finish(version, 0);
    if (used.has(declared.declaration)) continue;
    version.alone ??= keep(
      version,
      runUnit(checker, operations, main, 0, (frame) => {
        checkUnusedBlock(declared.declaration, frame);
        return {};
      }),
    );
    account(version.alone);
  }
  const found: Checker = { ...base, diagnostics: [...base.diagnostics] };
  for (const one of units.flatMap(({ diagnostics }) => diagnostics)) {
    if (!isSaid(one, found.diagnostics, versions)) report(found, one);
  }
  if (isSpent()) report(found, tooMuchWork(main));
  warnUnusedDeclarations(main, found, mentions);
  const nets = [...base.nets.keys()];
  for (const [index, declaration] of nets.entries()) {
    reportEqualNames(
      { ...found, nets: new Map(nets.slice(0, index).map((net) => [net, null])) },
      declaration,
    );
  }
  return { diagnostics: found.diagnostics, units };
}

/** Of an unknown name, only its first use in a declaration is told, whichever unit meets it. */
function isSaid(
  { code, message, span }: Diagnostic,
  said: readonly Diagnostic[],
  versions: ReadonlyMap<Declaration, Version>,
): boolean {
  if (code !== "name" || !isUnknownName(message)) return false;
  const same = said.filter((other) => other.message === message && other.span.file === span.file);
  if (same.length === 0) return false;
  for (const { span: whole } of versions.keys()) {
    const holds = (place: Span): boolean => whole.start <= place.start && place.end <= whole.end;
    if (whole.file === span.file && holds(span)) return same.some((other) => holds(other.span));
  }
  return false;
}

/** Not damaged, and not the second of its name. */
function isDeclared({ declaration }: Version, module: Module): boolean {
  const found = module.names.get(declaration.name.name);
  return found !== undefined && found.kind !== "broken" && found.declaration === declaration;
}

function tooMuchWork(main: Module): Diagnostic {
  const span = main.source.declarations[0]?.span ?? main.source.span;
  return diagnostic("limit", span, "this file unrolls to too much work", {
    notes: [`the limit is ${limits.evaluations.toLocaleString("en-US")} evaluated expressions`],
  });
}
