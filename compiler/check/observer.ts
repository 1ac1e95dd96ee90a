/**
 * Somebody who watches the checker find out what a file means: the editor's hovers and hints
 * come from it.
 *
 * Invariant: observing changes nothing. Inside blocks everything is seen once per use.
 */
import type { Span } from "../diagnostics/diagnostic.js";
import type { Expression } from "../syntax/ast.js";
import type { FlowApplication } from "./flow.js";
import type { Tensor } from "./model.js";
import type { Value } from "./values/value.js";

export interface Observer {
  /** An expression means this. */
  readonly evaluated: (expression: Expression, value: Value) => void;
  /** At this name, something is bound: an input, a binding, a size variable. */
  readonly bound: (name: Span, value: Value) => void;
  /** At this place, tensors flow through a layer of any kind; the outcome is unknown after a mistake. */
  readonly applied: (place: Span, operands: readonly Tensor[], outcome: Value) => void;
  /** A word of the library joins the dataflow, at its own span. */
  readonly computed: (application: FlowApplication) => void;
  /** Somebody who can tell more, in its turn, if it is ever asked for. */
  readonly later: (tell: (observer: Observer) => void) => void;
  /** Watches a part by itself, so that what is seen there can be told again. */
  readonly watchPart: () => WatchedPart;
}

export interface WatchedPart extends ObservedPart {
  readonly observer: Observer;
}

export interface ObservedPart {
  /** Tells an observer of everything seen, as if it had been there. */
  readonly tell: (observer: Observer) => void;
  /** The same things, except that these applications join the dataflow. */
  readonly joinedBy: (applications: readonly FlowApplication[]) => ObservedPart;
  /** The same things, happening to other tensors; these applications join the dataflow. */
  readonly copied: (
    copyTensor: (tensor: Tensor) => Tensor,
    copyValue: (value: Value) => Value,
    applications: readonly FlowApplication[],
  ) => ObservedPart;
}
