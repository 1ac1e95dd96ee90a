/** Conditions on sizes that a dataflow leaves open: proven by facts, or kept until sizes are fixed. */
import type { Span } from "../../diagnostics/diagnostic.js";
import type { ShapeCondition } from "../../library/definition.js";
import type { FlowApplication } from "../flow.js";
import { type Frame, reportAt } from "../frame.js";
import { type Condition, formatCondition } from "./condition.js";
import { decide } from "./decide.js";
import { assume } from "./facts.js";

/** Keeps what a shape rule could not prove, unless a `where` proves it; false, with a message, when it never holds. */
export function addCondition(
  { sizes, trainingOnly }: ShapeCondition,
  application: FlowApplication,
  frame: Frame,
  span: Span,
): boolean {
  const { left, relation, right } = sizes;
  const condition: Condition =
    relation === "=="
      ? { kind: "compare", relation: "==", left, right }
      : { kind: "compare", relation: "<=", left: right, right: left };
  const { flow } = frame;
  if (trainingOnly === true) {
    if (flow === null || decide(condition, flow.facts) === "yes") return true;
    flow.obligations.push({ condition, span, trainingOnly: application });
    return true;
  }
  let isPossible = true;
  require(condition, frame, span, (text) => {
    isPossible = false;
    reportAt(frame, "unproven", span, `this needs ${text}, which never holds here`);
  });
  return isPossible;
}

/**
 * Requires a condition: `refuse` is called with its text when it fails; when it is open, it
 * becomes an obligation, on which everything after it may rely.
 */
export function require(
  condition: Condition,
  frame: Frame,
  span: Span,
  refuse: (text: string) => void,
): void {
  const { flow } = frame;
  if (flow === null) return;
  const answer = decide(condition, flow.facts);
  if (answer === "yes") return;
  if (answer === "no") {
    refuse(formatCondition(condition));
    return;
  }
  flow.facts = assume(flow.facts, condition);
  flow.obligations.push({ condition, span, trainingOnly: null });
}
