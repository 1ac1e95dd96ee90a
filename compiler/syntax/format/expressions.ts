/** Expressions -> documents for the printer. */
import { unreachable } from "../../diagnostics/invariant.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import type {
  Argument,
  BinaryExpression,
  CallExpression,
  Expression,
  GroupExpression,
  IfExpression,
  IndexAxis,
  IndexExpression,
} from "../ast.js";
import { doc } from "./builders.js";
import type { Doc } from "./builders.js";
import { printChain } from "./chains.js";
import type { CommentPool } from "./comments.js";
import { printList } from "./lists.js";

export interface FormatContext {
  readonly text: string;
  readonly comments: CommentPool;
}

/** The columns that `-> (` takes: stages inside it begin there. */
const insideGroup = 4;

export function printExpression(expression: Expression, context: FormatContext): Doc {
  const print = (inner: Expression): Doc => printExpression(inner, context);
  switch (expression.kind) {
    case "number":
    case "string":
    case "boolean":
    case "name":
    case "missing":
      return context.text.slice(expression.span.start, expression.span.end);
    case "call":
      return printCall(expression, context);
    case "index":
      return printIndex(expression, context);
    case "member":
      return [print(expression.target), ".", expression.member.name];
    case "list":
      return printItems("[", expression.items, "]", expression.span, context);
    case "tuple":
      return printItems("(", expression.items, ")", expression.span, context);
    case "group":
      return printGroup(expression, context);
    case "unary":
      return [expression.operator === "not" ? "not " : "-", print(expression.operand)];
    case "binary":
      return printBinary(expression, context);
    case "if":
      return printConditional(expression, context);
    case "arrow":
      return printChain(expression, { ...context, print, setIn: doc.indent, keepsLines: false });
    case "as": {
      const { name } = expression;
      const written = "kind" in name ? context.text.slice(name.span.start, name.span.end) : name.name;
      return [print(expression.value), " as ", written];
    }
    case "range":
      return [print(expression.start), "..", print(expression.stop)];
    default:
      return unreachable(expression, "expression");
  }
}

/** The result of a body: a chain keeps its author's lines. */
export function printResult(result: Expression, context: FormatContext): Doc {
  if (result.kind !== "arrow") return printExpression(result, context);
  const print = (stage: Expression): Doc => printExpression(stage, context);
  return printChain(result, { ...context, print, setIn: doc.indent, keepsLines: true });
}

/** `prefix` and a value, the second line of a conditional value standing under the first. */
export function printAfter(prefix: string, value: Expression, context: FormatContext): Doc {
  const printed = printExpression(value, context);
  return [prefix, value.kind === "if" ? doc.align(prefix.length, printed) : printed];
}

function printItems(
  open: string,
  items: readonly Expression[],
  close: string,
  span: Span,
  context: FormatContext,
): Doc {
  const elements = items.map((item) => ({ span: item.span, print: () => printExpression(item, context) }));
  return printList(elements, { open, close, from: span.start + 1, to: span.end - 1 }, context.comments);
}

function printCall(call: CallExpression, context: FormatContext): Doc {
  const callee = printExpression(call.callee, context);
  const elements = call.arguments.map((argument) => ({
    span: argument.span,
    print: () => printArgument(argument, context),
  }));
  const layout = { open: "(", close: ")", from: call.callee.span.end + 1, to: call.span.end - 1 };
  return [callee, printList(elements, layout, context.comments)];
}

function printArgument(argument: Argument, context: FormatContext): Doc {
  switch (argument.kind) {
    case "positional":
      return printExpression(argument.value, context);
    case "named":
      return printAfter(`${argument.name.name}=`, argument.value, context);
    case "iteration": {
      const names = argument.targets.map((target) => target.name).join(", ");
      return [argument.isTuple ? `(${names})` : names, " in ", printExpression(argument.source, context)];
    }
    default:
      return unreachable(argument, "argument");
  }
}

function printIndex(index: IndexExpression, context: FormatContext): Doc {
  const target = printExpression(index.target, context);
  const elements = index.axes.map((axis) => ({ span: axis.span, print: () => printAxis(axis, context) }));
  const layout = { open: "[", close: "]", from: index.target.span.end + 1, to: index.span.end - 1 };
  return [target, printList(elements, layout, context.comments)];
}

function printAxis(axis: IndexAxis, context: FormatContext): Doc {
  if (axis.kind === "at") return printExpression(axis.position, context);
  const part = (expression: Expression | null): Doc =>
    expression === null ? "" : printExpression(expression, context);
  return [part(axis.start), ":", part(axis.stop), axis.step === null ? "" : [":", part(axis.step)]];
}

function printGroup(group: GroupExpression, context: FormatContext): Doc {
  const { inner, span } = group;
  const { comments } = context;
  const hasComments = comments.has(span.start, inner.span.start) || comments.has(inner.span.end, span.end);
  if (hasComments) return printItems("(", [inner], ")", span, context);
  if (inner.kind === "arrow") {
    const setIn = (lines: Doc): Doc => doc.align(insideGroup, lines);
    const print = (stage: Expression): Doc => printExpression(stage, context);
    return ["(", printChain(inner, { ...context, print, setIn, keepsLines: false }), ")"];
  }
  return [printAfter("(", inner, context), ")"];
}

/** `a + b - c`: operators of one level stand in one group, each at the start of its line. */
function printBinary(expression: BinaryExpression, context: FormatContext): Doc {
  const operations: BinaryExpression[] = [];
  let first: Expression = expression;
  while (first.kind === "binary" && levelOf(first) === levelOf(expression)) {
    operations.push(first);
    first = first.left;
  }
  const start = printExpression(first, context);
  const rest = operations
    .reverse()
    .map(({ operator, right }) => [doc.line, operator, " ", printExpression(right, context)]);
  return doc.group([start, doc.indent(rest)]);
}

function levelOf({ operator }: BinaryExpression): string {
  switch (operator) {
    case "+":
    case "-":
      return "sum";
    case "*":
    case "/":
    case "%":
      return "product";
    case "and":
    case "or":
      return operator;
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return "comparison";
    default:
      return unreachable(operator, "operator");
  }
}

/** On one line, or with every `else` on a line of its own. */
function printConditional(expression: IfExpression, context: FormatContext): Doc {
  const parts: Doc[] = [];
  let current: Expression = expression;
  while (current.kind === "if") {
    parts.push("if ", printExpression(current.condition, context));
    parts.push(" then ", printExpression(current.then, context), doc.line, "else ");
    current = current.otherwise;
  }
  parts.push(printExpression(current, context));
  return doc.group(parts);
}
