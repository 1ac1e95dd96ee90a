/**
 * Concrete syntax -> expressions.
 *
 * Invariant: where something could not be read there is a `missing` expression, and
 * what is wrong there has been reported.
 */
import type { CstNode } from "chevrotain";
import type { Argument, Expression, IndexAxis, NameExpression } from "../ast.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { containsMissing } from "../walk.js";
import {
  checkCommas,
  identifier,
  missing,
  nodeOf,
  nodesOf,
  spanBetween,
  spanOfNode,
  spanOfToken,
  tokenOf,
  tokensOf,
  wasDamaged,
} from "./cst.js";
import type { TreeContext } from "./cst.js";
import { buildLiteral, buildString } from "./literals.js";
import { resolveOperators } from "./operators.js";
import type { PrefixedOperand } from "./operators.js";

/** The expression of a node; `missing` at `fallback` when there is none. */
export function buildExpression(
  node: CstNode | undefined,
  fallback: number,
  context: TreeContext,
): Expression {
  if (node === undefined) return missing({ file: context.file, start: fallback, end: fallback });
  const arrows = tokensOf(node, "Arrow").map((token) => spanOfToken(token, context.file));
  const nodes = nodesOf(node, "stage");
  const stages = [nodes[0], ...arrows.map((_, index) => nodes[index + 1])].map((stage, index) =>
    buildStage(stage, index === 0 ? fallback : arrows[index - 1]!.end, index === 0, context),
  );
  if (arrows.length === 0) return stages[0]!;
  return { kind: "arrow", span: spanBetween(stages[0]!.span, stages.at(-1)!.span), stages, arrows };
}

/** The expressions of a comma-separated list. */
export function buildExpressions(parent: CstNode, fallback: number, context: TreeContext): Expression[] {
  const list = nodeOf(parent, "expressions");
  if (list === undefined) return [];
  const expressions = nodesOf(list, "expression").map((node) => buildExpression(node, fallback, context));
  checkCommas(
    list,
    expressions.map((expression) => expression.span),
    context,
  );
  return expressions;
}

function buildStage(
  node: CstNode | undefined,
  fallback: number,
  isFirst: boolean,
  context: TreeContext,
): Expression {
  if (node === undefined) return missing({ file: context.file, start: fallback, end: fallback });
  const operators = tokensOf(node, "BinaryOperator");
  const operands = nodesOf(node, "operand").map((operand, index) => {
    const start = index === 0 ? fallback : spanOfToken(operators[index - 1]!, context.file).end;
    return buildOperand(operand, start, isFirst && index === 0, context);
  });
  if (operands.length === 0) {
    return missing({ file: context.file, start: fallback, end: fallback });
  }
  const value = resolveOperators(operands, operators, context);
  const as = tokenOf(node, "As");
  if (as === undefined) return value;
  const name = tokenOf(node, "name");
  const asSpan = spanOfToken(as, context.file);
  if (name === undefined) return missing(spanBetween(value.span, asSpan));
  const string = buildString(name, context);
  const nameNode = string ?? identifier(name, context);
  return { kind: "as", span: spanBetween(value.span, nameNode.span), value, name: nameNode };
}

function buildOperand(
  node: CstNode,
  fallback: number,
  mayBeConditional: boolean,
  context: TreeContext,
): PrefixedOperand {
  const prefixes = tokensOf(node, "prefix").sort((left, right) => left.startOffset - right.startOffset);
  const start = prefixes.length === 0 ? fallback : spanOfToken(prefixes.at(-1)!, context.file).end;
  let operand = buildPrimary(node, start, context);
  if (operand.kind === "if" && (!mayBeConditional || prefixes.length > 0)) {
    reportBareConditional(operand.span, context);
  }
  for (const suffix of nodesOf(node, "suffix")) operand = buildSuffix(operand, suffix, context);
  return { prefixes, operand };
}

function buildPrimary(node: CstNode, fallback: number, context: TreeContext): Expression {
  const literal = tokenOf(node, "literal");
  if (literal !== undefined) return buildLiteral(literal, context);
  const group = nodeOf(node, "group");
  if (group !== undefined) return buildGroup(group, context);
  const list = nodeOf(node, "list");
  if (list !== undefined) {
    const span = spanOfNode(list, fallback, context.file);
    const items = buildExpressions(list, span.start, context);
    if (wasDamaged(list)) items.push(missing({ ...span, start: span.end }));
    return { kind: "list", span, items };
  }
  const conditional = nodeOf(node, "conditional");
  if (conditional !== undefined) return buildConditional(conditional, context);
  return missing({ file: context.file, start: fallback, end: fallback });
}

function buildGroup(node: CstNode, context: TreeContext): Expression {
  const span = spanOfNode(node, 0, context.file);
  const items = buildExpressions(node, span.start + 1, context);
  if (wasDamaged(node)) return { kind: "group", span, inner: missing(span) };
  if (items.length > 1) return { kind: "tuple", span, items };
  if (items.length === 0) {
    context.report(diagnostic("syntax", span, "there is nothing between these parentheses"));
    return missing(span);
  }
  return { kind: "group", span, inner: items[0]! };
}

function buildConditional(node: CstNode, context: TreeContext): Expression {
  const span = spanOfNode(node, 0, context.file);
  const part = (name: string): Expression => buildExpression(nodeOf(node, name), span.end, context);
  const condition = part("condition");
  const then = part("then");
  const otherwise = part("otherwise");
  return { kind: "if", span: spanBetween(span, otherwise.span), condition, then, otherwise };
}

function reportBareConditional(span: Span, context: TreeContext): void {
  context.report(
    diagnostic("syntax", { ...span, end: span.start + 2 }, "this `if` needs parentheses", {
      notes: ["An if stands at the start of an expression; its else reaches as far right as it can."],
      suggestion: {
        message: "Put it in parentheses: (if ... then ... else ...).",
        edits: [
          { span: { ...span, end: span.start }, text: "(" },
          { span: { ...span, start: span.end }, text: ")" },
        ],
      },
    }),
  );
}

// ------------------------------------------------------------------- suffixes

function buildSuffix(target: Expression, node: CstNode, context: TreeContext): Expression {
  const own = spanOfNode(node, target.span.end, context.file);
  const span = spanBetween(target.span, own);
  const damage = wasDamaged(node) ? missing({ ...own, start: own.end }) : null;
  if (tokenOf(node, "CallParen") !== undefined) {
    const list = buildArguments(node, context);
    if (damage !== null) list.push({ kind: "positional", span: damage.span, value: damage });
    return { kind: "call", span, callee: target, arguments: list };
  }
  if (tokenOf(node, "IndexBracket") !== undefined) {
    const axes = buildAxes(node, context);
    if (damage !== null) axes.push({ kind: "at", span: damage.span, position: damage });
    return { kind: "index", span, target, axes };
  }
  const member = tokenOf(node, "member");
  if (member === undefined) return missing(span);
  if (target.kind === "number") {
    context.report(
      diagnostic("syntax", span, "a number has no parts", {
        suggestion: { message: "A point has digits on both sides: 1.0.", edits: [] },
      }),
    );
    return missing(span);
  }
  return { kind: "member", span, target, member: identifier(member, context) };
}

function buildArguments(suffix: CstNode, context: TreeContext): Argument[] {
  const list = nodeOf(suffix, "callArguments");
  if (list === undefined) return [];
  const built = nodesOf(list, "argument").map((node) => buildArgument(node, context));
  checkCommas(
    list,
    built.map((argument) => argument.span),
    context,
  );
  return built;
}

function buildArgument(node: CstNode, context: TreeContext): Argument {
  const span = spanOfNode(node, 0, context.file);
  const value = buildExpression(nodeOf(node, "value"), span.end, context);
  const name = tokenOf(node, "Identifier");
  if (name !== undefined) return { kind: "named", span, name: identifier(name, context), value };
  if (tokenOf(node, "In") === undefined) return { kind: "positional", span, value };
  const source = buildExpression(nodeOf(node, "source"), span.end, context);
  const targets = namesOf(value);
  if (targets === null) {
    if (!containsMissing(value)) reportBadTargets(value.span, "in", context);
    return { kind: "positional", span, value: missing(span) };
  }
  return { kind: "iteration", span, targets, isTuple: value.kind === "tuple", source };
}

/** `a` or `(a, b)` as names to bind; null for anything else. */
export function namesOf(expression: Expression): { name: string; span: Span }[] | null {
  if (expression.kind === "name") return [{ name: expression.name, span: expression.span }];
  if (expression.kind !== "tuple") return null;
  const names = expression.items.filter((item): item is NameExpression => item.kind === "name");
  if (names.length !== expression.items.length) return null;
  return names.map(({ name, span }) => ({ name, span }));
}

export function reportBadTargets(span: Span, word: "=" | "in", context: TreeContext): void {
  const example =
    word === "=" ? "`y = value` or `(a, b) = value`" : "`i in 0..n` or `(a, b) in [[1, 2], [3, 4]]`";
  context.report(
    diagnostic("syntax", span, `only names can stand at the left of \`${word}\``, {
      suggestion: { message: `Write ${example}.`, edits: [] },
    }),
  );
}

function buildAxes(suffix: CstNode, context: TreeContext): IndexAxis[] {
  const list = nodeOf(suffix, "indexAxes");
  if (list === undefined) return [];
  const built = nodesOf(list, "indexAxis").map((node) => buildAxis(node, context));
  checkCommas(
    list,
    built.map((axis) => axis.span),
    context,
  );
  return built;
}

function buildAxis(node: CstNode, context: TreeContext): IndexAxis {
  const span = spanOfNode(node, 0, context.file);
  const startNode = nodeOf(node, "start");
  const end = nodeOf(node, "sliceEnd");
  if (end === undefined) {
    return { kind: "at", span, position: buildExpression(startNode, span.end, context) };
  }
  const part = (parent: CstNode, name: string): Expression | null => {
    const found = nodeOf(parent, name);
    return found === undefined ? null : buildExpression(found, span.end, context);
  };
  return {
    kind: "slice",
    span,
    start: part(node, "start"),
    stop: part(end, "stop"),
    step: part(end, "step"),
  };
}
