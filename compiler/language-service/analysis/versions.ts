/**
 * Which declarations mean what they meant before.
 *
 * A version is one meaning of a declaration: its text, and the versions of everything it
 * mentions. Invariant: as long as nothing a declaration can see changes, its version is the
 * very same object, and what was found out about it holds.
 */
import type { Module, TopLevel } from "../../check/names/module.js";
import { type NamesOfItem, namesInItem } from "../../check/names/references.js";
import { namesInDeclaration } from "../../check/names/unused.js";
import type {
  BlockDeclaration,
  ConstDeclaration,
  Declaration,
  Item,
  NetDeclaration,
  TrainDeclaration,
} from "../../syntax/ast.js";
import type { Unit } from "./units.js";

/** A declaration that means something by itself. */
export type Meaningful = BlockDeclaration | ConstDeclaration | NetDeclaration | TrainDeclaration;

export interface Version {
  readonly declaration: Meaningful;
  readonly module: Module;
  readonly dependencies: ReadonlyMap<string, Dependency>;
  /** What checking it gave: the net, constant or section, or the names of a block. */
  unit: Unit | null;
  /** For a block that nothing uses: what checking it alone gave. */
  alone: Unit | null;
  /** The names that could be meant, when a message about an unknown name depends on them. */
  candidates: string | null;
}

/** What a name means: a declaration, nothing, or something damaged. A cycle is never the same twice. */
type Dependency = Version | "none" | "broken" | { readonly cycle: true };

export interface Versions {
  readonly of: ReadonlyMap<Declaration, Version>;
  /** Every declaration behind those it mentions. */
  readonly inOrder: readonly Version[];
}

/** Names that a declaration mentions, remembered as long as it lives. */
export type Mentions = (declaration: Declaration) => ReadonlySet<string>;

/** The same for items, most of which outlive their declaration. */
export function createNamesInItem(): NamesOfItem {
  const known = new WeakMap<Item, ReadonlySet<string>>();
  return (item) => {
    const names = known.get(item) ?? namesInItem(item);
    known.set(item, names);
    return names;
  };
}

export function createMentions(namesOf: NamesOfItem): Mentions {
  const known = new WeakMap<Declaration, ReadonlySet<string>>();
  return (declaration) => {
    const names = known.get(declaration) ?? namesInDeclaration(declaration, namesOf);
    known.set(declaration, names);
    return names;
  };
}

/** The versions of a module's declarations and of all they reach, as many as possible from before. */
export function findVersions(
  main: Module,
  previous: ReadonlyMap<Declaration, Version>,
  mentions: Mentions,
): Versions {
  const found = new Map<Declaration, Version>();
  const inOrder: Version[] = [];
  const entered = new Set<Declaration>();
  const candidates = new Map<Module, string>();
  interface Visit {
    readonly declaration: Meaningful;
    readonly module: Module;
    /** What it mentions and was not looked at yet. */
    readonly pending: Iterator<string>;
  }
  const enter = (declaration: Meaningful, module: Module): Visit => {
    entered.add(declaration);
    return { declaration, module, pending: mentions(declaration).values() };
  };
  const leave = ({ declaration, module }: Visit): void => {
    const dependencyOf = (name: string): Dependency => dependencyOn(module.names.get(name), found);
    const known = previous.get(declaration);
    const names = candidates.get(module) ?? [...module.names.keys()].join();
    candidates.set(module, names);
    const version =
      known !== undefined && isSame(known, dependencyOf, names)
        ? known
        : newVersion(declaration, module, mentions(declaration), dependencyOf);
    found.set(declaration, version);
    inOrder.push(version);
  };
  for (const declaration of main.source.declarations) {
    if (declaration.kind === "import" || entered.has(declaration)) continue;
    const visits = [enter(declaration, main)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const mentioned = visit.pending.next();
      if (mentioned.done === true) {
        leave(visit);
        visits.pop();
        continue;
      }
      const target = visit.module.names.get(mentioned.value);
      if (target !== undefined && target.kind !== "broken" && !entered.has(target.declaration)) {
        visits.push(enter(target.declaration, target.module));
      }
    }
  }
  return { of: found, inOrder };
}

function dependencyOn(target: TopLevel | undefined, found: ReadonlyMap<Declaration, Version>): Dependency {
  if (target === undefined) return "none";
  if (target.kind === "broken") return "broken";
  return found.get(target.declaration) ?? { cycle: true };
}

function newVersion(
  declaration: Meaningful,
  module: Module,
  names: ReadonlySet<string>,
  dependencyOf: (name: string) => Dependency,
): Version {
  const dependencies = new Map([...names].map((name) => [name, dependencyOf(name)]));
  return { declaration, module, dependencies, unit: null, alone: null, candidates: null };
}

function isSame(version: Version, dependencyOf: (name: string) => Dependency, candidates: string): boolean {
  if (version.candidates !== null && version.candidates !== candidates) return false;
  for (const [name, dependency] of version.dependencies) {
    if (dependencyOf(name) !== dependency) return false;
  }
  return true;
}
