/**
 * Where an expression is evaluated: the names it sees, the dataflow its layers join, the
 * scope their parameters get names in, and how the evaluation got here.
 */
import { type Diagnostic, type Span, diagnostic } from "../diagnostics/diagnostic.js";
import type { DiagnosticCode } from "../diagnostics/diagnostic.js";
import type { LibraryDefinition } from "../library/definition.js";
import type { BlockDeclaration, Expression, NetDeclaration } from "../syntax/ast.js";
import { type Checker, placeOf, report } from "./checker.js";
import type { Flow } from "./flow.js";
import type { Site } from "./layers/site.js";
import { limits } from "./limits.js";
import type { Tensor } from "./model.js";
import type { Module } from "./names/module.js";
import type { Names } from "./names/names.js";
import type { GivenSetting } from "./settings/given.js";
import type { ElaboratedNet, Layer, ScopeCursor, Value } from "./values/value.js";

export interface Frame {
  readonly checker: Checker;
  readonly operations: Operations;
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

/**
 * The mutually recursive heart of the checker. Expressions hold layers, layers hold
 * blocks, blocks hold expressions; the parts meet here instead of importing each other.
 */
export interface Operations {
  readonly evaluate: (expression: Expression, frame: Frame) => Value;
  /** Applies a layer to tensors; `name` is its `as` or binding name. */
  readonly apply: (layer: Layer, operands: readonly Tensor[], frame: Frame, site: Site) => Value;
  /** `adam(lr=1e-3)`, `cosine(4e-3)`, `normal(0.02)` */
  readonly callNonLayer: (
    definition: Exclude<LibraryDefinition, { readonly kind: "layer" }>,
    given: readonly GivenSetting[],
    span: Span,
    frame: Frame,
  ) => Value;
  /** The net, elaborated now if it was not before; null when it uses itself. */
  readonly elaborateNet: (
    module: Module,
    declaration: NetDeclaration,
    frame: Frame,
    use: Span,
  ) => ElaboratedNet | null;
}

/** The frame of a file's top level, which sees the declarations of the module and nothing else. */
export function moduleFrame(checker: Checker, operations: Operations, module: Module): Frame {
  return { checker, operations, module, names: null, flow: null, cursor: null, net: null, uses: [] };
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
