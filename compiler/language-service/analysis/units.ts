/**
 * A unit of work: one declaration checked by itself, with all that is known about what it
 * mentions. What it gives depends on nothing else, so it can be kept.
 */
import type { Checker } from "../../check/checker.js";
import { type Frame, type Operations, moduleFrame } from "../../check/frame.js";
import type { Module } from "../../check/names/module.js";
import type { ElaboratedNet, Value } from "../../check/values/value.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { BlockDeclaration } from "../../syntax/ast.js";
import { type Facts, createRecorder } from "./facts.js";

export interface Unit {
  readonly net: ElaboratedNet | null;
  readonly constant: Value | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly facts: () => Facts;
  /** The blocks it uses, and so has checked. */
  readonly blocks: ReadonlySet<BlockDeclaration>;
  readonly evaluations: number;
}

/** Runs a piece of the checker on a checker of its own, which shares what is finished. */
export function runUnit(
  base: Checker,
  operations: Operations,
  module: Module,
  nesting: number,
  work: (frame: Frame) => Partial<Pick<Unit, "net" | "constant">>,
): Unit {
  const recorder = createRecorder();
  const known = base.diagnostics.length;
  const checker: Checker = {
    ...base,
    diagnostics: [...base.diagnostics],
    recursion: new Map(),
    elaboratedBlocks: new Set(),
    work: { tensors: base.work.tensors, evaluations: 0, nesting, mistakes: 0, exhausted: false },
    observer: recorder.observer,
  };
  const made = work(moduleFrame(checker, operations, module));
  base.work.tensors = Math.max(base.work.tensors, checker.work.tensors);
  return {
    net: made.net ?? null,
    constant: made.constant ?? null,
    diagnostics: checker.diagnostics.slice(known),
    facts: recorder.facts,
    blocks: checker.elaboratedBlocks,
    evaluations: checker.work.evaluations,
  };
}
