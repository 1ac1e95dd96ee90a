/** Bodies and their items -> documents for the printer. */
import { unreachable } from "../../diagnostics/invariant.js";
import type { Body, Item, MinimizeItem, ParameterPath, ShapePattern, TensorDeclaration } from "../ast.js";
import { doc } from "./builders.js";
import type { Doc } from "./builders.js";
import { afterSpace, trailingComment } from "./comments.js";
import { printAfter, printExpression, printResult } from "./expressions.js";
import type { FormatContext } from "./expressions.js";
import { printList } from "./lists.js";
import { printSequence } from "./sequence.js";

/** `{ ... }`: one result alone may stay on the line on which the author put it. */
export function printBody(body: Body, context: FormatContext): Doc {
  const { span, items } = body;
  const from = span.start + 1;
  const to = span.end - 1;
  const beside = trailingComment(context.comments.takeTrailing(from, afterSpace));
  const [only] = items;
  const isOneLine =
    items.length === 1 &&
    only?.kind === "expression" &&
    only.documentation.length === 0 &&
    !/[\r\n]/.test(context.text.slice(from, to));
  const elements = items.map((item) => ({
    span: item.span,
    documentation: item.documentation,
    print: () => printItem(item, context),
  }));
  const lines = printSequence(elements, { from, to, isAiry: false }, context);
  if (lines === null) return beside === "" ? "{}" : ["{", beside, doc.hardline, "}"];
  const edge = isOneLine ? doc.line : doc.hardline;
  return doc.group(["{", beside, doc.indent([edge, lines]), edge, "}"]);
}

function printItem(item: Item, context: FormatContext): Doc {
  switch (item.kind) {
    case "binding": {
      const names = item.targets.map((target) => target.name).join(", ");
      return printAfter(`${item.isTuple ? `(${names})` : names} = `, item.value, context);
    }
    case "expression":
      return printResult(item.value, context);
    case "input": {
      const tensor = ["input ", printTensor(item.tensor, context)];
      return item.range === null ? tensor : [...tensor, " in ", printExpression(item.range, context)];
    }
    case "sample":
      return [
        "sample ",
        printTensor(item.tensor, context),
        " ~ ",
        printExpression(item.distribution, context),
      ];
    case "minimize":
      return printMinimize(item, context);
    case "step":
      return [`step ${item.name.name} `, printBody(item.body, context)];
    case "metric":
      return printAfter(`metric ${item.name.name} = `, item.value, context);
    default:
      return unreachable(item, "item");
  }
}

function printMinimize(item: MinimizeItem, context: FormatContext): Doc {
  const clauses: Doc[] = [];
  if (item.over !== null) clauses.push([doc.line, "over ", printPaths(item.over)]);
  if (item.except.length > 0) clauses.push([doc.line, "except ", printPaths(item.except)]);
  if (item.optimizer !== null) {
    clauses.push([doc.line, "with ", printExpression(item.optimizer, context)]);
  }
  return doc.group([printAfter("minimize ", item.loss, context), doc.indent(clauses)]);
}

function printPaths(paths: readonly ParameterPath[]): Doc {
  return paths.map((path) => path.segments.map((segment) => segment.name).join(".")).join(", ");
}

// --------------------------------------------------------------------- shapes

export function printTensor(tensor: TensorDeclaration, context: FormatContext): Doc {
  return [tensor.name.name, printShape(tensor.shape, context)];
}

export function printShape(shape: ShapePattern, context: FormatContext): Doc {
  const elements = shape.axes.map((axis) => ({
    span: axis.span,
    print: () => (axis.kind === "any" ? "_" : printExpression(axis.expression, context)),
  }));
  const layout = { open: "[", close: "]", from: shape.span.start + 1, to: shape.span.end - 1 };
  return printList(elements, layout, context.comments);
}
