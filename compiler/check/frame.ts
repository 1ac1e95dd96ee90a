/**
 * Where an expression is evaluated: the names it sees, the dataflow its layers join, the
 * scope their parameters get names in, and how the evaluation got here.
 */
import { type Diagnostic, type Span, diagnostic } from "../diagnostics/diagnostic.js";
import type { DiagnosticCode } from "../diagnostics/diagnostic.js";
import type { BlockDeclaration } from "../syntax/ast.js";
import { type Checker, placeOf, report } from "./checker.js";
import type { Flow } from "./flow.js";
import { limits } from "./limits.js";
import type { ScopeCursor } from "./layers/scope.js";
import type { Module } from "./names/module.js";
import type { Names } from "./names/names.js";

export interface Frame {
  readonly checker: Checker;
  readonly module: Module;
  /** Names bound inside the declaration; the module's are behind them. */
  readonly names: Names | null;
  /** null where only compile-time values make sense. */
  readonly flow: Flow | null;
  /** null where no layer can own parameters: constants and train sections. */
  readonly cursor: ScopeCursor | null;
  /** The net whose body this is; null in train sections. */
  readonly net: string | null;
  /** The blocks whose bodies enclose this evaluation, outermost first. */
  readonly uses: readonly BlockUse[];
}

/** One use of a block: `Basic(64, stride=2)` at its span. */
export interface BlockUse {
  readonly declaration: BlockDeclaration;
  readonly text: string;
  readonly span: Span;
}

type More = Partial<Pick<Diagnostic, "severity" | "label" | "related" | "notes" | "suggestion">>;

/** Reports a mistake; inside blocks, with the uses that led to it. */
export function reportAt(
  frame: Frame,
  code: DiagnosticCode,
  span: Span,
  message: string,
  more: More = {},
): void {
  const notes = [...(more.notes ?? []), ...describeUses(frame, span)];
  report(frame.checker, diagnostic(code, span, message, { ...more, notes }));
}

/** `in Basic(128, stride=2), used at line 20`, innermost first; of a long chain, its ends. */
function describeUses(frame: Frame, span: Span): string[] {
  const lines = frame.uses
    .toReversed()
    .map((use) => `in ${use.text}, used at ${placeOf(frame.checker, use.span, span)}`);
  return lines.length <= 4
    ? lines
    : [...lines.slice(0, 2), `in ${String(lines.length - 3)} more`, lines.at(-1)!];
}

/** Reports that a limit is exceeded and stops all further work. */
export function exhaust(frame: Frame, span: Span, message: string, notes: readonly string[]): void {
  const { work } = frame.checker;
  if (!work.exhausted) reportAt(frame, "limit", span, message, { notes });
  work.exhausted = true;
}

/** Counts one more piece of work; false when the file asks for too much. */
export function spend(frame: Frame, span: Span): boolean {
  const { work } = frame.checker;
  work.evaluations += 1;
  if (work.evaluations > limits.evaluations) {
    exhaust(frame, span, "this file unrolls to too much work", [
      `the limit is ${limits.evaluations.toLocaleString("en-US")} evaluated expressions; look for blocks that use each other many times`,
    ]);
  }
  return !work.exhausted;
}
