/**
 * Comparisons and `and`, `or`, `not`. Between sizes they are decided only when they hold,
 * or fail, for all sizes.
 */
import type { BinaryExpression, Expression, UnaryExpression } from "../../syntax/ast.js";
import { asConstant } from "../../sizes/size.js";
import { type Frame, reportAt } from "../frame.js";
import type { Condition } from "../values/condition.js";
import { decide } from "../values/decide.js";
import { describe } from "../values/describe.js";
import { noFacts } from "../values/facts.js";
import { type BooleanValue, type Value, booleanValue, unknown } from "../values/value.js";

type Relation = "==" | "!=" | "<" | "<=" | ">" | ">=";

export function compare(
  expression: BinaryExpression,
  relation: Relation,
  left: Value,
  right: Value,
  frame: Frame,
): Value {
  if (left.kind === "size" && right.kind === "size") {
    const isFlipped = relation === ">" || relation === ">=";
    const condition: Condition = {
      kind: "compare",
      relation: relation === ">" ? "<" : relation === ">=" ? "<=" : relation,
      left: isFlipped ? right.size : left.size,
      right: isFlipped ? left.size : right.size,
    };
    return conditionValue(condition, frame);
  }
  const [a, b] = [comparable(left), comparable(right)];
  if (a !== null && b !== null && typeof a === typeof b) {
    if (relation === "==" || relation === "!=") return booleanValue((a === b) === (relation === "=="));
    if (typeof a === "number" && typeof b === "number") return booleanValue(order(relation, a, b));
  }
  reportAt(
    frame,
    "type",
    expression.operatorSpan,
    `\`${relation}\` cannot compare ${describe(left)} with ${describe(right)}`,
  );
  return unknown;
}

function order(relation: "<" | "<=" | ">" | ">=", left: number, right: number): boolean {
  switch (relation) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function comparable(value: Value): number | string | boolean | null {
  switch (value.kind) {
    case "size":
      return asConstant(value.size);
    case "float":
    case "string":
    case "boolean":
      return value.value;
    default:
      return null;
  }
}

function conditionValue(condition: Condition, frame: Frame): BooleanValue {
  const answer = decide(condition, frame.flow?.facts ?? noFacts);
  return { kind: "boolean", value: answer === "unknown" ? null : answer === "yes", condition };
}

export function joinConditions(
  expression: BinaryExpression,
  operator: "and" | "or",
  left: Value,
  right: Value,
  frame: Frame,
): Value {
  if (!needBoolean(left, expression.left, operator, frame)) return unknown;
  if (!needBoolean(right, expression.right, operator, frame)) return unknown;
  const decisive = operator === "or";
  if (left.value === decisive || right.value === decisive) return booleanValue(decisive);
  if (left.condition !== null && right.condition !== null) {
    return conditionValue({ kind: operator, left: left.condition, right: right.condition }, frame);
  }
  // A plain truth value that does not decide leaves the other side.
  return left.condition !== null ? left : right;
}

export function negateCondition(expression: UnaryExpression, value: Value, frame: Frame): Value {
  if (!needBoolean(value, expression.operand, "not", frame)) return unknown;
  if (value.condition === null) return booleanValue(value.value !== true);
  return conditionValue({ kind: "not", operand: value.condition }, frame);
}

function needBoolean(value: Value, side: Expression, operator: string, frame: Frame): value is BooleanValue {
  if (value.kind === "boolean") return true;
  reportAt(frame, "type", side.span, `\`${operator}\` needs true or false, and this is ${describe(value)}`);
  return false;
}
