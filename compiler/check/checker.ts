/**
 * What one run of the checker carries along: the files read, the mistakes found, the nets
 * and constants elaborated so far, and how much of the allowed work is used up.
 *
 * Invariant: nothing here outlives one call of `check`.
 */
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import type { LibraryDefinition } from "../library/definition.js";
import type { BlockDeclaration, ConstDeclaration, Item, NetDeclaration, SourceFile } from "../syntax/ast.js";
import type { EarlierNet, Recordings } from "./replay/recording.js";
import type { Memory } from "./replay/memory.js";
import type { LayerInstance, TensorId } from "./model.js";
import type { Module, ModuleUnderConstruction } from "./names/module.js";
import type { Leaf, NetIdentity, NetUnderConstruction } from "./nets/construction.js";
import { limits } from "./limits.js";
import type { Observer } from "./observer.js";
import type { ElaboratedNet, Value } from "./values/value.js";

/** `parse` as the checker needs it: always gives a tree. */
export type Parse = (
  text: string,
  file: string,
) => { readonly source: SourceFile; readonly diagnostics: readonly Diagnostic[] };

export interface Checker {
  readonly readFile: (path: string) => string | null;
  /** The folder that imports stay in, with a trailing slash; empty for the current one. */
  readonly root: string;
  readonly parse: Parse;
  readonly library: ReadonlyMap<string, LibraryDefinition>;
  /** `--set`: texts by `width` or `Net.setting`; those used are moved to `overridesUsed`. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly overridesUsed: Set<string>;
  readonly diagnostics: Diagnostic[];
  /** Texts by file. */
  readonly sources: Map<string, string>;
  /** Modules by path; null while one is being read. */
  readonly modules: Map<string, Module | null>;
  /** The modules of an earlier run by path, which are filled again; empty for a first run. */
  readonly earlierModules: Map<string, ModuleUnderConstruction>;
  /** Values of constants; `pending` while one is being evaluated. */
  readonly constants: Map<ConstDeclaration, Value | "pending">;
  /** Nets in the order they were elaborated; `pending` while one is. */
  readonly nets: Map<NetDeclaration, ElaboratedNet | "pending" | null>;
  /** The finished layers of nets, made when somebody asks. */
  readonly instances: Map<NetIdentity, () => ReadonlyMap<Leaf, LayerInstance>>;
  /** The uses of blocks in nets that are being elaborated. */
  readonly recordings: WeakMap<NetUnderConstruction, Recordings>;
  /** What an editor's last run left of nets, by their names and files; empty for a first run. */
  readonly earlierNets: Map<string, EarlierNet>;
  /** What an editor remembers of statements that it has checked; null where nobody remembers. */
  readonly memory: Memory | null;
  /** The names an item mentions; an editor finds them once. */
  readonly namesInItem: (item: Item) => ReadonlySet<string>;
  /** Equal for objects that mean the same. */
  readonly numberOf: (object: object) => number;
  /** Whether each block looked at so far uses itself. */
  readonly recursion: Map<BlockDeclaration, boolean>;
  /** The blocks that have been applied to tensors, and so checked at the sizes of a use. */
  readonly elaboratedBlocks: Set<BlockDeclaration>;
  readonly work: Work;
  /** Sees what everything means, for editors; null for nobody. */
  readonly observer: Observer | null;
  /** How messages name a place, when spans are not places in whole files; null for line numbers. */
  readonly namePlace: ((span: Span, from: Span) => string) | null;
}

export interface Work {
  tensors: number;
  evaluations: number;
  nesting: number;
  /** Mistakes met so far, said or not: of some, only the first is said. */
  mistakes: number;
  /** Set when a limit is exceeded: everything after that is unknown. */
  exhausted: boolean;
}

/** Collects a diagnostic; the same mistake at the same place is said once. */
export function report(checker: Checker, found: Diagnostic): void {
  checker.work.mistakes += 1;
  const isKnown = checker.diagnostics.some(
    (other) =>
      other.code === found.code &&
      other.span.file === found.span.file &&
      other.span.start === found.span.start &&
      other.span.end === found.span.end,
  );
  if (!isKnown && checker.diagnostics.length < limits.diagnostics) checker.diagnostics.push(found);
}

/** Whether the parser has already complained about this part of a file. */
export function hasSyntaxErrorIn(checker: Checker, span: Span): boolean {
  return checker.diagnostics.some(
    (found) =>
      found.code === "syntax" &&
      found.span.file === span.file &&
      found.span.start >= span.start &&
      found.span.end <= span.end,
  );
}

/** Whether the parser has complained about something behind this place on its line. */
export function hasSyntaxErrorOnLine(checker: Checker, place: Span): boolean {
  const rest = (checker.sources.get(place.file) ?? "").slice(place.end);
  const line = /^.*/.exec(rest)?.[0] ?? "";
  return hasSyntaxErrorIn(checker, { ...place, start: place.end, end: place.end + line.length });
}

export function nextTensorId({ work }: Pick<Checker, "work">): TensorId {
  work.tensors += 1;
  return work.tensors as TensorId;
}

/** The source text of a span, on one line. */
export function textOf(checker: Checker, span: Span): string {
  const text = checker.sources.get(span.file) ?? "";
  return text.slice(span.start, span.end).replace(/\s+/g, " ");
}

/** The number of the line a span begins at, from 1. */
export function lineOf(checker: Checker, span: Span): number {
  const before = (checker.sources.get(span.file) ?? "").slice(0, span.start);
  return (before.match(/\r\n|\n|\r/g)?.length ?? 0) + 1;
}

/** `line 9`, or `blocks.net, line 9` for a place in another file than the message's. */
export function placeOf(checker: Checker, span: Span, from: Span): string {
  if (checker.namePlace !== null) return checker.namePlace(span, from);
  const line = `line ${String(lineOf(checker, span))}`;
  return span.file === from.file ? line : `${span.file}, ${line}`;
}
