/**
 * Flat lists of operands and operators -> trees, by precedence climbing.
 *
 * Loosest first: `or`, `and`, `not`, comparison, `..`, `+ -`, `* / %`, unary minus.
 * Comparisons and ranges do not chain.
 */
import type { IToken } from "chevrotain";
import type { BinaryOperator, Expression } from "../ast.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { missing, spanBetween, spanOfToken } from "./cst.js";
import type { TreeContext } from "./cst.js";

/** An operand with the `-` and `not` before it, outermost first. */
export interface PrefixedOperand {
  readonly prefixes: readonly IToken[];
  readonly operand: Expression;
}

const levels = { or: 1, and: 2, not: 3, comparison: 4, range: 5, sum: 6, product: 7 } as const;

const binaryOperators: ReadonlyMap<string, { readonly operator: BinaryOperator; readonly level: number }> =
  new Map(
    (
      [
        ["or", levels.or],
        ["and", levels.and],
        ["==", levels.comparison],
        ["!=", levels.comparison],
        ["<", levels.comparison],
        ["<=", levels.comparison],
        [">", levels.comparison],
        [">=", levels.comparison],
        ["+", levels.sum],
        ["-", levels.sum],
        ["*", levels.product],
        ["/", levels.product],
        ["%", levels.product],
      ] as const
    ).map(([operator, level]) => [operator, { operator, level }]),
  );

function levelOf(token: IToken): number {
  return binaryOperators.get(token.image)?.level ?? levels.range;
}

/** The tree of `operands[0] operators[0] operands[1] ...`; missing operands are filled in. */
export function resolveOperators(
  operands: readonly PrefixedOperand[],
  operators: readonly IToken[],
  context: TreeContext,
): Expression {
  let position = 0;

  const prefixed = (prefix: number, minimum: number): Expression => {
    const current = operands[position];
    if (current === undefined) return missing(afterOperator(operators, position, context));
    const token = current.prefixes[prefix];
    if (token === undefined) {
      position++;
      return current.operand;
    }
    const span = spanOfToken(token, context.file);
    if (token.image === "not") {
      if (minimum > levels.not) reportTightNot(span, context);
      const operand = climb(prefix + 1, levels.comparison);
      return { kind: "unary", span: spanBetween(span, operand.span), operator: "not", operand };
    }
    const operand = prefixed(prefix + 1, Infinity);
    return { kind: "unary", span: spanBetween(span, operand.span), operator: "-", operand };
  };

  const climb = (prefix: number, minimum: number): Expression => {
    let left = prefixed(prefix, minimum);
    let leftLevel = Infinity;
    for (;;) {
      const token = operators[position - 1];
      if (token === undefined) return left;
      const level = levelOf(token);
      if (level < minimum) return left;
      const right = climb(0, level + 1);
      if (level === leftLevel && (level === levels.comparison || level === levels.range)) {
        reportChained(token, level, context);
        left = missing(spanBetween(left.span, right.span));
      } else {
        left = combine(left, token, right, context);
      }
      leftLevel = level;
    }
  };

  return climb(0, 0);
}

function combine(left: Expression, token: IToken, right: Expression, context: TreeContext): Expression {
  const span = spanBetween(left.span, right.span);
  const known = binaryOperators.get(token.image);
  if (known === undefined) return { kind: "range", span, start: left, stop: right };
  const operatorSpan = spanOfToken(token, context.file);
  return { kind: "binary", span, operator: known.operator, operatorSpan, left, right };
}

function afterOperator(operators: readonly IToken[], position: number, context: TreeContext): Span {
  const token = operators[position - 1];
  const end = token === undefined ? 0 : spanOfToken(token, context.file).end;
  return { file: context.file, start: end, end };
}

function reportTightNot(span: Span, context: TreeContext): void {
  context.report(
    diagnostic("syntax", span, "`not` binds more loosely than the operator before it", {
      suggestion: { message: "Put `not ...` in parentheses.", edits: [] },
    }),
  );
}

function reportChained(token: IToken, level: number, context: TreeContext): void {
  const isRange = level === levels.range;
  context.report(
    diagnostic(
      "syntax",
      spanOfToken(token, context.file),
      isRange ? "a range has one start and one end" : "comparisons do not chain",
      {
        suggestion: isRange ? null : { message: "Join two comparisons: a < b and b < c.", edits: [] },
      },
    ),
  );
}
