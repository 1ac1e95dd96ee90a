/**
 * The syntax tree as text, for `--emit ast` and golden tests: one parenthesized form
 * per node, without spans.
 *
 *     (net LeNet5
 *       (input (image [N 1 28 28]))
 *       (output [N 10])
 *       (body (expression (-> image (as (call conv 6 5 (pad = 2)) conv1) tanh))))
 */
import { unreachable } from "../diagnostics/invariant.js";
import type {
  Argument,
  AxisPattern,
  Body,
  Comment,
  Declaration,
  Expression,
  IndexAxis,
  Item,
  ParameterPath,
  SettingDeclaration,
  ShapePattern,
  Signature,
  SourceFile,
  TensorDeclaration,
} from "./ast.js";

/** A word, or a parenthesized list of forms. */
type Form = string | readonly Form[];

const width = 100;

/** Ends with a line end. */
export function printAst(source: SourceFile): string {
  const comments = source.comments.map((comment): Form => ["comment", JSON.stringify(comment.text)]);
  const forms = [...source.declarations.map(declarationForm), ...comments];
  return forms.map((form) => `${layOutForm(form, 0)}\n`).join("");
}

function flat(form: Form): string {
  return typeof form === "string" ? form : `(${form.map(flat).join(" ")})`;
}

/** On one line if it fits; else every element but the leading words on a line of its own. */
function layOutForm(form: Form, indentation: number): string {
  const line = flat(form);
  if (typeof form === "string" || indentation + line.length <= width) return line;
  const firstList = form.findIndex((element) => typeof element !== "string");
  const headLength = Math.max(1, firstList === -1 ? 1 : firstList);
  const inner = indentation + 2;
  const head = form.slice(0, headLength).map((element) => layOutForm(element, inner));
  const rest = form.slice(headLength).map((element) => layOutForm(element, inner));
  return `(${[head.join(" "), ...rest].join(`\n${" ".repeat(inner)}`)})`;
}

// --------------------------------------------------------------- declarations

function declarationForm(declaration: Declaration): Form {
  const documentation = documentationForms(declaration.documentation);
  switch (declaration.kind) {
    case "import": {
      const names = declaration.names.map(({ imported, local }): Form =>
        imported.name === local.name ? imported.name : [imported.name, "as", local.name],
      );
      return ["import", ...names, ["from", JSON.stringify(declaration.from.value)], ...documentation];
    }
    case "const":
      return ["const", declaration.name.name, ...documentation, expressionForm(declaration.value)];
    case "block": {
      const { definition } = declaration;
      const meaning: readonly Form[] =
        definition.kind === "layer"
          ? [["=", expressionForm(definition.layer)]]
          : [...signatureForms(definition.signature), bodyForm(definition.body)];
      return [
        ...["block", declaration.name.name],
        ...damageForms(declaration),
        ...documentation,
        ...settingForms(declaration.settings),
        ...meaning,
      ];
    }
    case "net":
      return [
        ...["net", declaration.name.name],
        ...damageForms(declaration),
        ...documentation,
        ...settingForms(declaration.settings),
        ...signatureForms(declaration.signature),
        bodyForm(declaration.body),
      ];
    case "train":
      return [
        ...["train", declaration.name.name],
        ...damageForms(declaration),
        ...documentation,
        bodyForm(declaration.body),
      ];
    default:
      return unreachable(declaration, "declaration");
  }
}

function damageForms(declaration: { readonly damaged?: true }): Form[] {
  return declaration.damaged === true ? ["damaged"] : [];
}

function documentationForms(comments: readonly Comment[]): Form[] {
  return comments.map((comment) => ["doc", JSON.stringify(comment.text)]);
}

function settingForms(settings: readonly SettingDeclaration[]): Form[] {
  return settings.map((setting) => [
    "setting",
    setting.name.name,
    ...(setting.isBlock ? [":", "block"] : []),
    ...(setting.default === null ? [] : ["=", expressionForm(setting.default)]),
  ]);
}

function signatureForms(signature: Signature): Form[] {
  return [
    ["input", ...signature.inputs.map(tensorForm)],
    ...(signature.outputs === null ? [] : [["output", ...signature.outputs.map(shapeForm)]]),
    ...signature.where.map((condition): Form => ["where", expressionForm(condition)]),
  ];
}

function tensorForm(tensor: TensorDeclaration): Form {
  return [tensor.name.name, shapeForm(tensor.shape)];
}

function shapeForm(shape: ShapePattern): Form {
  return `[${shape.axes.map((axis) => flat(axisForm(axis))).join(" ")}]`;
}

function axisForm(axis: AxisPattern): Form {
  return axis.kind === "any" ? "_" : expressionForm(axis.expression);
}

// ---------------------------------------------------------------------- items

function bodyForm(body: Body): Form {
  return ["body", ...body.items.map(itemForm)];
}

function itemForm(item: Item): Form {
  const documentation = documentationForms(item.documentation);
  switch (item.kind) {
    case "binding": {
      const names = item.targets.map((target) => target.name);
      return ["=", item.isTuple ? names : names.join(" "), ...documentation, expressionForm(item.value)];
    }
    case "expression":
      return ["expression", ...documentation, expressionForm(item.value)];
    case "input":
      return [
        "input",
        ...documentation,
        tensorForm(item.tensor),
        ...(item.range === null ? [] : [expressionForm(item.range)]),
      ];
    case "sample":
      return ["sample", ...documentation, tensorForm(item.tensor), expressionForm(item.distribution)];
    case "minimize":
      return [
        "minimize",
        ...documentation,
        expressionForm(item.loss),
        ...(item.over === null ? [] : [["over", ...item.over.map(pathText)]]),
        ...(item.except.length === 0 ? [] : [["except", ...item.except.map(pathText)]]),
        ...(item.optimizer === null ? [] : [["with", expressionForm(item.optimizer)]]),
      ];
    case "step":
      return ["step", item.name.name, ...documentation, bodyForm(item.body)];
    case "metric":
      return ["metric", item.name.name, ...documentation, expressionForm(item.value)];
    default:
      return unreachable(item, "item");
  }
}

function pathText(path: ParameterPath): string {
  return path.segments.map((segment) => segment.name).join(".");
}

// ---------------------------------------------------------------- expressions

function expressionForm(expression: Expression): Form {
  switch (expression.kind) {
    case "number":
      return expression.isInteger || !Number.isInteger(expression.value)
        ? String(expression.value)
        : `${expression.value}.0`;
    case "string":
      return JSON.stringify(expression.value);
    case "boolean":
      return String(expression.value);
    case "name":
      return expression.name;
    case "missing":
      return "<missing>";
    case "call":
      return ["call", expressionForm(expression.callee), ...expression.arguments.map(argumentForm)];
    case "index":
      return ["index", expressionForm(expression.target), ...expression.axes.map(indexForm)];
    case "member":
      return [".", expressionForm(expression.target), expression.member.name];
    case "list":
      return ["list", ...expression.items.map(expressionForm)];
    case "tuple":
      return ["tuple", ...expression.items.map(expressionForm)];
    case "group":
      return ["group", expressionForm(expression.inner)];
    case "unary":
      return [expression.operator, expressionForm(expression.operand)];
    case "binary":
      return [expression.operator, expressionForm(expression.left), expressionForm(expression.right)];
    case "if":
      return ["if", ...[expression.condition, expression.then, expression.otherwise].map(expressionForm)];
    case "arrow":
      return ["->", ...expression.stages.map(expressionForm)];
    case "as": {
      const name = "kind" in expression.name ? JSON.stringify(expression.name.value) : expression.name.name;
      return ["as", expressionForm(expression.value), name];
    }
    case "range":
      return ["..", expressionForm(expression.start), expressionForm(expression.stop)];
    default:
      return unreachable(expression, "expression");
  }
}

function argumentForm(argument: Argument): Form {
  switch (argument.kind) {
    case "positional":
      return expressionForm(argument.value);
    case "named":
      return [argument.name.name, "=", expressionForm(argument.value)];
    case "iteration": {
      const names = argument.targets.map((target) => target.name);
      return [argument.isTuple ? names : names.join(" "), "in", expressionForm(argument.source)];
    }
    default:
      return unreachable(argument, "argument");
  }
}

function indexForm(axis: IndexAxis): Form {
  if (axis.kind === "at") return expressionForm(axis.position);
  const parts = [axis.start, axis.stop, axis.step].map((part) =>
    part === null ? "_" : expressionForm(part),
  );
  return ["slice", ...parts];
}
