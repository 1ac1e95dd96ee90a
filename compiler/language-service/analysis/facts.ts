/**
 * What the checker found out while it worked on one declaration: what expressions mean and
 * what flows where, by their places in the syntax tree.
 */
import type { FlowApplication } from "../../check/flow.js";
import type { Tensor } from "../../check/model.js";
import type { ObservedPart, Observer } from "../../check/observer.js";
import type { Value } from "../../check/values/value.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { equal } from "../../sizes/size.js";
import type { Expression } from "../../syntax/ast.js";

/** Tensors flowed through a layer here. */
export interface Applied {
  readonly operands: readonly Tensor[];
  readonly outcome: Value;
}

export interface Facts {
  /** The first meaning that is not unknown. */
  readonly values: ReadonlyMap<Expression, Value>;
  /** By the span of the name that is bound. */
  readonly bound: ReadonlyMap<Span, readonly Value[]>;
  /** By the span of what is applied; inside blocks, the different shapes of all uses. */
  readonly applied: ReadonlyMap<Span, readonly Applied[]>;
  readonly computed: ReadonlyMap<Span, readonly FlowApplication[]>;
}

/** Uses of one place that are remembered; a hover would list no more. */
const most = 8;

export interface Recorder {
  readonly observer: Observer;
  readonly facts: Facts;
}

export function createRecorder(): Recorder {
  const values = new Map<Expression, Value>();
  const bound = new Map<Span, Value[]>();
  const applied = new Map<Span, Applied[]>();
  const computed = new Map<Span, FlowApplication[]>();
  const observer: Observer = {
    watchPart,
    evaluated: (expression, value) => {
      if (value.kind !== "unknown" && !values.has(expression)) values.set(expression, value);
    },
    bound: (name, value) => {
      const known = bound.get(name);
      if (known === undefined) bound.set(name, [value]);
      else if (known.length < most && !known.some((other) => sameShapes(other, value))) known.push(value);
    },
    applied: (place, operands, outcome) => {
      const known = applied.get(place);
      if (known === undefined) applied.set(place, [{ operands, outcome }]);
      else if (known.length < most && !known.some((other) => isSameUse(other, { operands, outcome })))
        known.push({ operands, outcome });
    },
    computed: (application) => {
      const known = computed.get(application.span);
      if (known === undefined) computed.set(application.span, [application]);
      else known.push(application);
    },
  };
  return { observer, facts: { values, bound, applied, computed } };
}

function watchPart(): ObservedPart {
  const { observer, facts } = createRecorder();
  const { values, bound, applied, computed } = facts;
  const tellCopied: ObservedPart["tellCopied"] = (other, copyTensor, copyValue) => {
    for (const [expression, value] of values) other.evaluated(expression, copyValue(value));
    for (const [name, list] of bound) for (const value of list) other.bound(name, copyValue(value));
    for (const [place, uses] of applied) {
      for (const { operands, outcome } of uses) {
        other.applied(place, operands.map(copyTensor), copyValue(outcome));
      }
    }
  };
  return {
    observer,
    tellCopied,
    tell: (other) => {
      tellCopied(other, same, same);
      for (const applications of computed.values()) applications.forEach(other.computed);
    },
  };
}

function same<T>(value: T): T {
  return value;
}

/** Copies in a row mostly agree. */
function isSameUse(one: Applied, other: Applied): boolean {
  return (
    sameShapes(one.outcome, other.outcome) &&
    one.operands.length === other.operands.length &&
    one.operands.every((tensor, index) => sameShape(tensor, other.operands[index]!))
  );
}

function sameShapes(left: Value, right: Value): boolean {
  if (left.kind === "tensor" && right.kind === "tensor") {
    return sameShape(left.tensor, right.tensor);
  }
  if (left.kind === "tuple" && right.kind === "tuple") {
    return (
      left.items.length === right.items.length &&
      left.items.every((item, index) => sameShapes(item, right.items[index]!))
    );
  }
  return left.kind === right.kind;
}

function sameShape({ shape: one }: Tensor, { shape: other }: Tensor): boolean {
  return (
    one.length === other.length &&
    one.every(({ size }, axis) => size === other[axis]!.size || equal(size, other[axis]!.size))
  );
}
