/**
 * What the checker found out while it worked on one declaration: what expressions mean and
 * what flows where, by their places in the syntax tree.
 */
import type { FlowApplication } from "../../check/flow.js";
import type { Tensor } from "../../check/model.js";
import type { ObservedPart, Observer, WatchedPart } from "../../check/observer.js";
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
  /** All that was seen so far, found out when somebody asks. */
  readonly facts: () => Facts;
}

export function createRecorder(): Recorder {
  const values = new Map<Expression, Value>();
  const bound = new Map<Span, Value[]>();
  const applied = new Map<Span, Applied[]>();
  const computed = new Map<Span, FlowApplication[]>();
  const noted: Observer = {
    watchPart,
    later: (tell) => tell(noted),
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
  const facts: Facts = { values, bound, applied, computed };
  const { observer, catchUp } = inOrder(noted);
  return {
    observer,
    facts: () => {
      catchUp();
      return facts;
    },
  };
}

/** An observer that hears things in the order in which they were seen, though some are told later. */
function inOrder(observer: Observer): { readonly observer: Observer; readonly catchUp: () => void } {
  let waiting: ((observer: Observer) => void)[] = [];
  const hear = (tell: (observer: Observer) => void): void => {
    if (waiting.length === 0) tell(observer);
    else waiting.push(tell);
  };
  return {
    observer: {
      watchPart,
      later: (tell) => {
        waiting.push(tell);
      },
      evaluated: (expression, value) => hear((other) => other.evaluated(expression, value)),
      bound: (name, value) => hear((other) => other.bound(name, value)),
      applied: (place, operands, outcome) => hear((other) => other.applied(place, operands, outcome)),
      computed: (application) => hear((other) => other.computed(application)),
    },
    catchUp: () => {
      for (const tell of waiting) tell(observer);
      waiting = [];
    },
  };
}

function watchPart(): WatchedPart {
  const { observer, facts } = createRecorder();
  return { observer, ...observedPart(facts, same, same, null) };
}

/** What was seen, happening to copies of the tensors; null for the applications that were seen themselves. */
function observedPart(
  facts: () => Facts,
  copyTensor: (tensor: Tensor) => Tensor,
  copyValue: (value: Value) => Value,
  applications: readonly FlowApplication[] | null,
): ObservedPart {
  return {
    tell: (observer) => {
      const { values, bound, applied, computed } = facts();
      for (const [expression, value] of values) observer.evaluated(expression, copyValue(value));
      for (const [name, list] of bound) for (const value of list) observer.bound(name, copyValue(value));
      for (const [place, uses] of applied) {
        for (const { operands, outcome } of uses) {
          observer.applied(place, operands.map(copyTensor), copyValue(outcome));
        }
      }
      for (const application of applications ?? [...computed.values()].flat()) observer.computed(application);
    },
    joinedBy: (copies) => observedPart(facts, copyTensor, copyValue, copies),
    copied: (tensor, value, copies) =>
      observedPart(
        facts,
        (one) => tensor(copyTensor(one)),
        (one) => value(copyValue(one)),
        copies,
      ),
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
