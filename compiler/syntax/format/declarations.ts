/** Declarations -> documents for the printer. */
import { unreachable } from "../../diagnostics/invariant.js";
import type {
  BlockDeclaration,
  Declaration,
  ImportDeclaration,
  SettingDeclaration,
  ShapePattern,
  Signature,
  TensorDeclaration,
} from "../ast.js";
import { doc } from "./builders.js";
import type { Doc } from "./builders.js";
import { printAfter, printExpression } from "./expressions.js";
import type { FormatContext } from "./expressions.js";
import { printBody, printShape, printTensor } from "./items.js";
import { printList } from "./lists.js";

export function printDeclaration(declaration: Declaration, context: FormatContext): Doc {
  switch (declaration.kind) {
    case "import":
      return printImport(declaration, context);
    case "const":
      return printAfter(`const ${declaration.name.name} = `, declaration.value, context);
    case "block":
      return printBlock(declaration, context);
    case "net": {
      const { name, settings, signature, body } = declaration;
      const head = [`net ${name.name}`, printSettings(settings, name.span.end, context)];
      return printWithBody(head, signature, () => printBody(body, context), context);
    }
    case "train":
      return [`train ${declaration.name.name} `, printBody(declaration.body, context)];
    default:
      return unreachable(declaration, "declaration");
  }
}

function printImport({ names, from, span }: ImportDeclaration, context: FormatContext): Doc {
  const elements = names.map(({ imported, local }) => ({
    span: { start: imported.span.start, end: local.span.end },
    print: (): Doc => (imported.name === local.name ? imported.name : `${imported.name} as ${local.name}`),
  }));
  const start = context.text.indexOf("{", span.start) + 1;
  const list = printList(
    elements,
    { open: "{", close: "}", from: start, isSpacious: true },
    context.comments,
  );
  return ["import ", list, " from ", context.text.slice(from.span.start, from.span.end)];
}

function printBlock(block: BlockDeclaration, context: FormatContext): Doc {
  const { name, settings, definition } = block;
  const head = [`block ${name.name}`, printSettings(settings, name.span.end, context)];
  if (definition.kind === "body") {
    const { signature, body } = definition;
    return printWithBody(head, signature, () => printBody(body, context), context);
  }
  const layer = printExpression(definition.layer, context);
  return [...head, " =", doc.group(doc.indent([doc.line, layer]))];
}

function printSettings(settings: readonly SettingDeclaration[], from: number, context: FormatContext): Doc {
  if (settings.length === 0) return "";
  const elements = settings.map((setting) => ({
    span: setting.span,
    print: () => printSetting(setting, context),
  }));
  return printList(elements, { open: "(", close: ")", from }, context.comments);
}

function printSetting(setting: SettingDeclaration, context: FormatContext): Doc {
  const name = setting.isBlock ? `${setting.name.name}: block` : setting.name.name;
  return setting.default === null ? name : printAfter(`${name} = `, setting.default, context);
}

/** The body is printed last, because comments are taken in source order. */
function printWithBody(head: Doc, signature: Signature, body: () => Doc, context: FormatContext): Doc {
  const { outputs, where } = signature;
  const inputs = printSeveral(signature.inputs, printTensor, signature.span.start, context);
  const parts: Doc[] = [];
  if (outputs !== null) {
    const from = outputs[0]?.span.start ?? signature.span.end;
    parts.push([doc.line, "-> ", printSeveral(outputs, printShape, from, context)]);
  }
  if (where.length > 0) {
    const conditions = where.map((condition) => printExpression(condition, context));
    parts.push([doc.line, "where ", doc.join(", ", conditions)]);
  }
  return [doc.group([head, ": ", inputs, doc.indent(parts), doc.line]), body()];
}

/** One alone, or several in parentheses. */
function printSeveral<Part extends TensorDeclaration | ShapePattern>(
  parts: readonly Part[],
  print: (part: Part, context: FormatContext) => Doc,
  from: number,
  context: FormatContext,
): Doc {
  const elements = parts.map((part) => ({ span: part.span, print: () => print(part, context) }));
  const [only] = elements;
  if (elements.length === 1 && only !== undefined) return only.print();
  return printList(elements, { open: "(", close: ")", from }, context.comments);
}
