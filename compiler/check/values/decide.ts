/**
 * Deciding conditions on sizes.
 *
 * Invariant: `decide` answers yes or no only when that holds at all sizes that satisfy
 * the facts.
 */
import { type Answer, compareEqual, compareLess } from "../../sizes/size.js";
import type { Condition } from "./condition.js";
import { type Facts, withFacts } from "./facts.js";

/** Whether a condition holds at all sizes (yes), at none (no), or at some perhaps. */
export function decide(condition: Condition, facts: Facts): Answer {
  switch (condition.kind) {
    case "compare":
      return decideComparison(condition, facts);
    case "not":
      return opposite(decide(condition.operand, facts));
    case "and":
      return both(decide(condition.left, facts), decide(condition.right, facts));
    case "or":
      return opposite(
        both(opposite(decide(condition.left, facts)), opposite(decide(condition.right, facts))),
      );
  }
}

function decideComparison(condition: Condition & { kind: "compare" }, facts: Facts): Answer {
  const left = withFacts(condition.left, facts);
  const right = withFacts(condition.right, facts);
  switch (condition.relation) {
    case "==":
      return compareEqual(left, right, facts.bounds);
    case "!=":
      return opposite(compareEqual(left, right, facts.bounds));
    case "<":
      return compareLess(left, right, facts.bounds);
    case "<=":
      return opposite(compareLess(right, left, facts.bounds));
  }
}

export function opposite(answer: Answer): Answer {
  return answer === "yes" ? "no" : answer === "no" ? "yes" : "unknown";
}

function both(left: Answer, right: Answer): Answer {
  if (left === "no" || right === "no") return "no";
  return left === "yes" && right === "yes" ? "yes" : "unknown";
}
