/** Evaluates an expression to what it means at compile time. */
import { unreachable } from "../../diagnostics/invariant.js";
import type { ArrowExpression, Expression, NumberLiteral } from "../../syntax/ast.js";
import { constant } from "../../sizes/size.js";
import { type Frame, exhaust, reportAt, spend } from "../frame.js";
import { limits } from "../limits.js";
import { lookUp } from "../names/lookup.js";
import { type Value, booleanValue, isLayerLike, sizeValue, unknown } from "../values/value.js";
import { evaluateArrow } from "./arrow.js";
import { evaluateAs } from "./as.js";
import { evaluateBinary, evaluateUnary } from "./operators.js";
import { evaluateCall } from "./call.js";
import { evaluateIf } from "./conditional.js";
import { evaluateIndex } from "./slice.js";
import { evaluateMember } from "./member.js";
import { evaluateList, evaluateRange } from "./list.js";

/** The value of an expression; unknown after a mistake, which is reported. */
export function evaluate(expression: Expression, frame: Frame): Value {
  const { checker } = frame;
  if (!spend(frame, expression.span)) return unknown;
  if (checker.work.nesting >= limits.nesting) {
    exhaust(frame, expression.span, "expressions are nested too deeply here", [
      `the limit is ${String(limits.nesting)} levels; give the inner parts names`,
    ]);
    return unknown;
  }
  checker.work.nesting += 1;
  const value = evaluateKind(expression, frame);
  checker.work.nesting -= 1;
  checker.observer?.evaluated(expression, value);
  return checker.work.exhausted ? unknown : value;
}

function evaluateKind(expression: Expression, frame: Frame): Value {
  switch (expression.kind) {
    case "number":
      return evaluateNumber(expression, frame);
    case "string":
      return { kind: "string", value: expression.value };
    case "boolean":
      return booleanValue(expression.value);
    case "name":
      return lookUp(expression.name, expression.span, frame);
    case "call":
      return evaluateCall(expression, frame, null);
    case "index":
      return evaluateIndex(expression, frame);
    case "member":
      return evaluateMember(expression, frame);
    case "list":
      return evaluateList(expression, frame);
    case "range":
      return evaluateRange(expression, frame);
    case "tuple":
      return { kind: "tuple", items: expression.items.map((item) => evaluate(item, frame)) };
    case "group":
      return evaluateGroup(expression.inner, frame);
    case "unary":
      return evaluateUnary(expression, frame);
    case "binary":
      return evaluateBinary(expression, frame, null);
    case "if":
      return evaluateIf(expression, frame);
    case "arrow":
      return evaluateArrow(expression satisfies ArrowExpression, frame);
    case "as":
      return evaluateAs(expression, frame);
    case "missing":
      return unknown;
    default:
      return unreachable(expression, "expression");
  }
}

function evaluateNumber(literal: NumberLiteral, frame: Frame): Value {
  if (!literal.isInteger) return { kind: "float", value: literal.value };
  if (!Number.isSafeInteger(literal.value)) {
    reportAt(frame, "limit", literal.span, "this number is too large to be exact", {
      notes: [`whole numbers go up to 2^53 - 1 = ${String(Number.MAX_SAFE_INTEGER)}`],
    });
    return unknown;
  }
  return sizeValue(constant(literal.value));
}

/** Parentheses matter to layers only: with a name, a group is a scope of its own. */
function evaluateGroup(inner: Expression, frame: Frame): Value {
  const value = evaluate(inner, frame);
  if (value.kind !== "layer" || !isLayerLike(value)) return value;
  return { kind: "layer", layer: { kind: "chain", elements: [value.layer], span: inner.span } };
}
