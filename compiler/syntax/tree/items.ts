/** Concrete syntax -> bodies and their items. */
import type { CstNode } from "chevrotain";
import type { Body, Expression, Item, ParameterPath, ShapePattern, TensorDeclaration } from "../ast.js";
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
import { buildExpression, buildExpressions, namesOf, reportBadTargets } from "./expressions.js";

export function buildBody(node: CstNode | undefined, fallback: number, context: TreeContext): Body {
  if (node === undefined) return { span: { file: context.file, start: fallback, end: fallback }, items: [] };
  const items = nodesOf(node, "item")
    .map((item) => buildItem(item, context))
    .filter((item) => item !== null);
  return { span: spanOfNode(node, fallback, context.file), items };
}

/** null for an item of which not even the name could be read. */
export function buildItem(node: CstNode, context: TreeContext): Item | null {
  const isDamaged = wasDamaged(node);
  const value = (parent: CstNode, name: string): Expression => {
    const end = spanOfNode(parent, 0, context.file).end;
    const expression = buildExpression(nodeOf(parent, name), end, context);
    // What was skipped after an expression might have been part of it.
    return isDamaged && !containsMissing(expression) ? missing(expression.span) : expression;
  };
  for (const [rule, build] of itemBuilders) {
    const child = nodeOf(node, rule);
    if (child !== undefined) return build(child, value, context);
  }
  return null;
}

type ValueBuilder = (parent: CstNode, name: string) => Expression;
type ItemBuilder = (node: CstNode, value: ValueBuilder, context: TreeContext) => Item | null;

/** By grammar rule. */
const itemBuilders: readonly (readonly [rule: string, build: ItemBuilder])[] = [
  ["bindingOrExpression", buildBindingOrExpression],
  ["inputItem", buildInput],
  ["sampleItem", buildSample],
  ["minimizeItem", buildMinimize],
  ["stepItem", buildStep],
  ["metricItem", buildMetric],
];

function buildBindingOrExpression(node: CstNode, value: ValueBuilder, context: TreeContext): Item {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  if (tokenOf(node, "Equals") === undefined) {
    return { kind: "expression", span, documentation, value: value(node, "left") };
  }
  const left = buildExpression(nodeOf(node, "left"), span.start, context);
  const right = value(node, "value");
  const targets = namesOf(left);
  if (targets === null) {
    if (!containsMissing(left)) reportBadTargets(left.span, "=", context);
    return { kind: "expression", span, documentation, value: missing(span) };
  }
  return { kind: "binding", span, documentation, targets, isTuple: left.kind === "tuple", value: right };
}

function buildInput(node: CstNode, value: ValueBuilder, context: TreeContext): Item | null {
  const span = spanOfNode(node, 0, context.file);
  const tensor = buildTensor(nodeOf(node, "tensorDeclaration"), context);
  if (tensor === null) return null;
  const documentation = context.takeDocumentation(span.start);
  if (tokenOf(node, "In") === undefined) return { kind: "input", span, documentation, tensor, range: null };
  const range = value(node, "expression");
  if (range.kind === "range") return { kind: "input", span, documentation, tensor, range };
  if (!containsMissing(range)) {
    context.report(
      diagnostic("syntax", range.span, "a range is expected after `in`", {
        suggestion: { message: "Write it as 0..10, which goes from 0 to 9.", edits: [] },
      }),
    );
  }
  const nowhere = missing(range.span);
  const unknown = { kind: "range", span: range.span, start: nowhere, stop: nowhere } as const;
  return { kind: "input", span, documentation, tensor, range: unknown };
}

function buildSample(node: CstNode, value: ValueBuilder, context: TreeContext): Item | null {
  const span = spanOfNode(node, 0, context.file);
  const tensor = buildTensor(nodeOf(node, "tensorDeclaration"), context);
  if (tensor === null) return null;
  const documentation = context.takeDocumentation(span.start);
  return { kind: "sample", span, documentation, tensor, distribution: value(node, "expression") };
}

function buildMinimize(node: CstNode, value: ValueBuilder, context: TreeContext): Item {
  const span = spanOfNode(node, 0, context.file);
  const over = nodeOf(node, "over");
  const except = nodeOf(node, "except");
  return {
    kind: "minimize",
    span,
    documentation: context.takeDocumentation(span.start),
    loss: value(node, "loss"),
    over: over === undefined ? null : buildPaths(over, context),
    except: except === undefined ? [] : buildPaths(except, context),
    optimizer: tokenOf(node, "With") === undefined ? null : value(node, "optimizer"),
  };
}

function buildPaths(node: CstNode, context: TreeContext): ParameterPath[] {
  const paths = nodesOf(node, "path").map((path) => ({
    span: spanOfNode(path, 0, context.file),
    segments: tokensOf(path, "segment")
      .sort((left, right) => left.startOffset - right.startOffset)
      .map((token) => identifier(token, context)),
  }));
  checkCommas(
    node,
    paths.map((path) => path.span),
    context,
  );
  return paths;
}

function buildStep(node: CstNode, _value: ValueBuilder, context: TreeContext): Item | null {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  const name = tokenOf(node, "Identifier");
  const body = buildBody(nodeOf(node, "body"), span.end, context);
  if (name === undefined) return null;
  return { kind: "step", span, documentation, name: identifier(name, context), body };
}

function buildMetric(node: CstNode, value: ValueBuilder, context: TreeContext): Item | null {
  const span = spanOfNode(node, 0, context.file);
  const name = tokenOf(node, "Identifier");
  if (name === undefined) return null;
  return {
    kind: "metric",
    span,
    documentation: context.takeDocumentation(span.start),
    name: identifier(name, context),
    value: value(node, "expression"),
  };
}

// --------------------------------------------------------------------- shapes

/** null when the name could not be read. */
export function buildTensor(node: CstNode | undefined, context: TreeContext): TensorDeclaration | null {
  const name = node === undefined ? undefined : tokenOf(node, "Identifier");
  if (node === undefined || name === undefined) return null;
  const nameSpan = spanOfToken(name, context.file);
  const shape = buildShape(nodeOf(node, "shape"), nameSpan.end, context);
  return { span: spanBetween(nameSpan, shape.span), name: identifier(name, context), shape };
}

export function buildShape(node: CstNode | undefined, fallback: number, context: TreeContext): ShapePattern {
  if (node === undefined) return { span: { file: context.file, start: fallback, end: fallback }, axes: [] };
  const span = spanOfNode(node, fallback, context.file);
  const axes = buildExpressions(node, span.start, context).map((expression) =>
    expression.kind === "name" && expression.name === "_"
      ? ({ kind: "any", span: expression.span } as const)
      : ({ kind: "size", span: expression.span, expression } as const),
  );
  return { span, axes };
}
