/**
 * Scalar expressions as WGSL, for one position or four neighbouring ones at a time.
 *
 * Invariant: every distinct subexpression of one compilation is computed once; the
 * statements come before the results.
 */
import { InternalError, unreachable } from "../../diagnostics/invariant.js";
import type { BinaryOperator, Expression } from "../../../runtime/program/expression.js";
import { createNumbering } from "../expressions.js";
import { functionName, laneType } from "./functions.js";

/** The leaves of an expression at the current position, as WGSL of the right width. */
export interface WgslLeaves {
  readonly input: (index: number) => string;
  readonly reduced: (index: number) => string;
  readonly coordinate: (axis: number) => string;
  readonly random: (stream: number, offset: number) => string;
}

export interface CompiledExpressions {
  /** `let` statements, one per line. */
  readonly statements: readonly string[];
  /** One name per expression. */
  readonly results: readonly string[];
}

/** @param prefix for the names of intermediate results, which must be new in their scope */
export function compileExpressions(
  expressions: readonly Expression[],
  leaves: WgslLeaves,
  width: 1 | 4,
  prefix = "t",
): CompiledExpressions {
  const type = laneType(width);
  const statements: string[] = [];
  const numberOf = createNumbering();
  const computed = new Map<number, string>();

  const compile = (expression: Expression): string => {
    if (expression.kind === "constant") return literal(expression.value, type);
    const number = numberOf(expression);
    const known = computed.get(number);
    if (known !== undefined) return known;
    const text = compute(expression);
    const name = `${prefix}${String(computed.size)}`;
    statements.push(`let ${name} = ${text};`);
    computed.set(number, name);
    return name;
  };

  const compute = (expression: Expression): string => {
    switch (expression.kind) {
      case "constant":
        return literal(expression.value, type);
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
      case "unary": {
        const argument = compile(expression.argument);
        switch (expression.operator) {
          case "negate":
            return `-${argument}`;
          case "abs":
          case "floor":
            return `${expression.operator}(${argument})`;
          case "sqrt":
            return `sqrt(${argument})`;
          default:
            return `${functionName(expression.operator, width)}(${argument})`;
        }
      }
      case "binary":
        return binary(expression, compile, type, width);
      case "select": {
        const condition = compile(expression.condition);
        const [then, otherwise] = [compile(expression.then), compile(expression.otherwise)];
        return `select(${otherwise}, ${then}, ${condition} != ${type}(0.0))`;
      }
      default:
        return unreachable(expression, "expression");
    }
  };

  const results = expressions.map(compile);
  return { statements, results };
}

type BinaryExpression = Expression & { readonly kind: "binary" };

const comparisons: Readonly<Partial<Record<BinaryOperator, string>>> = {
  less: "<",
  less_equal: "<=",
  equal: "==",
};

const operators: Readonly<Partial<Record<BinaryOperator, string>>> = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
};

function binary(
  { operator, left, right }: BinaryExpression,
  compile: (expression: Expression) => string,
  type: string,
  width: 1 | 4,
): string {
  const a = compile(left);
  const comparison = comparisons[operator];
  if (comparison !== undefined) {
    return `select(${type}(0.0), ${type}(1.0), ${a} ${comparison} ${compile(right)})`;
  }
  const sign = operators[operator];
  if (sign !== undefined) return `${a} ${sign} ${compile(right)}`;
  if (operator === "maximum") return `max(${a}, ${compile(right)})`;
  if (operator === "minimum") return `min(${a}, ${compile(right)})`;
  if (right.kind === "constant" && right.value === 2) return `${a} * ${a}`;
  if (right.kind === "constant" && right.value === 0.5) return `sqrt(${a})`;
  if (right.kind === "constant" && right.value === 1) return a;
  return `${functionName("power", width)}(${a}, ${compile(right)})`;
}

/** The largest float: what stands for infinity, of which WGSL has no literal. */
const largest = 3.4028234663852886e38;

/** A number as WGSL. */
export function literal(value: number, type: string): string {
  if (Number.isNaN(value)) throw new InternalError("NaN in an expression");
  const finite = Math.max(-largest, Math.min(largest, Math.fround(value)));
  const text = String(finite);
  return `${type}(${/[.e]/.test(text) ? text : `${text}.0`})`;
}
