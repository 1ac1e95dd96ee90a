/**
 * Scalar expressions as vector code: four positions at a time.
 *
 * Invariant: every distinct subexpression of one compilation is computed once. NaN
 * propagates through all operators; of `maximum` and `minimum` with a constant, zeros
 * of different sign may be exchanged.
 */
import { InternalError, unreachable } from "../../diagnostics/invariant.js";
import type { BinaryOperator, Expression, UnaryOperator } from "../../../runtime/program/expression.js";
import { children } from "../../ir/expression-tree.js";
import { createNumbering } from "../expressions.js";
import type { FunctionBuilder } from "./encoder/function.js";
import { f32x4, v128 } from "./encoder/operators.js";
import type { Local, V128 } from "./encoder/value.js";
import { erf } from "./math/error-function.js";
import { exp, log } from "./math/exponential.js";
import { sigmoid, tanh } from "./math/hyperbolic.js";
import { power } from "./math/power.js";
import { cos, sin } from "./math/trigonometric.js";

/** The leaves of an expression at the current four positions; each is asked for once. */
export interface VectorLeaves {
  readonly input: (index: number) => V128;
  readonly reduced: (index: number) => V128;
  readonly coordinate: (axis: number) => V128;
  readonly random: (stream: number, offset: number) => V128;
}

/** The values of several expressions, all computed before any is returned. */
export function vectorExpressions(
  f: FunctionBuilder,
  expressions: readonly Expression[],
  leaves: VectorLeaves,
): Local<"v128">[] {
  const numberOf = createNumbering();
  const uses = countUses(expressions, numberOf);
  const computed = new Map<number, V128>();

  const compile = (expression: Expression): V128 => {
    if (expression.kind === "constant") return f32x4.constant(expression.value);
    const number = numberOf(expression);
    const known = computed.get(number);
    if (known) return known;
    const result = compute(expression);
    if (uses.get(number) === 1) return result;
    const kept = f.keep(result);
    computed.set(number, kept);
    return kept;
  };

  const compute = (expression: Expression): V128 => {
    switch (expression.kind) {
      case "constant":
        return f32x4.constant(expression.value);
      case "input":
        return leaves.input(expression.index);
      case "reduced":
        return leaves.reduced(expression.index);
      case "coordinate":
        return leaves.coordinate(expression.axis);
      case "random":
        return leaves.random(expression.stream, expression.offset);
      case "variable":
        throw new InternalError(`variable ${expression.name} in a kernel`);
      case "unary":
        return expression.operator === "is_finite"
          ? v128.and(mask(expression), f32x4.constant(1))
          : unary(f, expression.operator, compile(expression.argument));
      case "binary":
        return comparisons[expression.operator]
          ? v128.and(mask(expression), f32x4.constant(1))
          : arithmetic(f, expression, compile);
      case "select": {
        const condition = mask(expression.condition);
        return v128.select(f.keep(condition), compile(expression.then), compile(expression.otherwise));
      }
      default:
        return unreachable(expression, "expression");
    }
  };

  /** All bits set where the expression is not 0. */
  const mask = (condition: Expression): V128 => {
    if (condition.kind === "binary") {
      const compare = comparisons[condition.operator];
      if (compare) return compare(compile(condition.left), compile(condition.right));
    }
    if (condition.kind === "unary" && condition.operator === "is_finite") {
      // Comparisons with NaN are false.
      return f32x4.less(f32x4.abs(compile(condition.argument)), f32x4.constant(Infinity));
    }
    return f32x4.notEqual(compile(condition), f32x4.constant(0));
  };

  return expressions.map((expression) => f.keep(compile(expression)));
}

function unary(f: FunctionBuilder, operator: Exclude<UnaryOperator, "is_finite">, argument: V128): V128 {
  switch (operator) {
    case "negate":
      return f32x4.negate(argument);
    case "abs":
      return f32x4.abs(argument);
    case "sqrt":
      return f32x4.sqrt(argument);
    case "floor":
      return f32x4.floor(argument);
    case "exp":
      return exp(f, argument);
    case "log":
      return log(f, argument);
    case "tanh":
      return tanh(f, argument);
    case "sigmoid":
      return sigmoid(f, argument);
    case "erf":
      return erf(f, argument);
    case "sin":
      return sin(f, argument);
    case "cos":
      return cos(f, argument);
    default:
      return unreachable(operator, "unary operator");
  }
}

type BinaryExpression = Expression & { readonly kind: "binary" };

/** The operators whose result is 1 or 0, as masks. */
const comparisons: Readonly<Partial<Record<BinaryOperator, (left: V128, right: V128) => V128>>> = {
  less: f32x4.less,
  less_equal: f32x4.lessOrEqual,
  equal: f32x4.equal,
};

function arithmetic(
  f: FunctionBuilder,
  { operator, left, right }: BinaryExpression,
  compile: (expression: Expression) => V128,
): V128 {
  switch (operator) {
    case "add":
      return f32x4.add(compile(left), compile(right));
    case "subtract":
      return f32x4.subtract(compile(left), compile(right));
    case "multiply":
      return f32x4.multiply(compile(left), compile(right));
    case "divide":
      return f32x4.divide(compile(left), compile(right));
    case "maximum":
    case "minimum":
      return extremum(operator, left, right, compile);
    case "power": {
      const special = right.kind === "constant" ? easyPowers.get(right.value) : undefined;
      return special ? special(f.keep(compile(left))) : power(f, compile(left), compile(right));
    }
    default:
      throw new InternalError(`comparison ${operator} as arithmetic`);
  }
}

/** Powers that need no logarithm. */
const easyPowers: ReadonlyMap<number, (base: V128) => V128> = new Map([
  [0.5, f32x4.sqrt],
  [1, (base: V128) => base],
  [2, (base: V128) => f32x4.multiply(base, base)],
]);

/** With a constant on one side one instruction does: it gives its left operand if that is NaN. */
function extremum(
  operator: "maximum" | "minimum",
  left: Expression,
  right: Expression,
  compile: (expression: Expression) => V128,
): V128 {
  const pseudo = operator === "maximum" ? f32x4.pseudoMaximum : f32x4.pseudoMinimum;
  if (right.kind === "constant") return pseudo(compile(left), compile(right));
  if (left.kind === "constant") return pseudo(compile(right), compile(left));
  return f32x4[operator](compile(left), compile(right));
}

/** How often each distinct subexpression is needed, by its number. */
function countUses(
  expressions: readonly Expression[],
  numberOf: (expression: Expression) => number,
): Map<number, number> {
  const uses = new Map<number, number>();
  const visit = (expression: Expression): void => {
    const number = numberOf(expression);
    const before = uses.get(number) ?? 0;
    uses.set(number, before + 1);
    if (before === 0) children(expression).forEach(visit);
  };
  expressions.forEach(visit);
  return uses;
}
