/** Concrete syntax -> declarations. */
import type { CstNode } from "chevrotain";
import type { Body, Declaration, Expression, Signature } from "../ast.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { diagnostic } from "../../diagnostics/diagnostic.js";
import { containsMissing } from "../walk.js";
import {
  checkCommas,
  containsDamage,
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
import { buildExpression, buildExpressions } from "./expressions.js";
import { buildBody, buildShape, buildTensor } from "./items.js";
import { buildString } from "./literals.js";
import { buildSettings, hasMisusedSettings } from "./settings.js";

/** The declarations of a file; those of which not even the name could be read are left out. */
export function buildDeclarations(file: CstNode, context: TreeContext): Declaration[] {
  return nodesOf(file, "declaration")
    .map((node) => buildDeclaration(node, context))
    .filter((declaration) => declaration !== null);
}

function buildDeclaration(node: CstNode, context: TreeContext): Declaration | null {
  const isDamaged = wasDamaged(node);
  for (const [rule, build] of Object.entries(declarationBuilders)) {
    const child = nodeOf(node, rule);
    if (child !== undefined) return build(child, isDamaged, context);
  }
  return null;
}

type DeclarationBuilder = (node: CstNode, isDamaged: boolean, context: TreeContext) => Declaration | null;

/** By grammar rule. */
const declarationBuilders: Readonly<Record<string, DeclarationBuilder>> = {
  importDeclaration: buildImport,
  constDeclaration: buildConst,
  blockDeclaration: buildBlock,
  netDeclaration: buildNet,
  trainDeclaration: buildTrain,
};

function buildImport(node: CstNode, isDamaged: boolean, context: TreeContext): Declaration | null {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  const list = nodeOf(node, "importedNames");
  const nodes = list === undefined ? [] : nodesOf(list, "importedName");
  const names = nodes.flatMap((name) => {
    const [imported, local] = tokensOf(name, "Identifier").map((token) => identifier(token, context));
    return imported === undefined ? [] : [{ imported, local: local ?? imported }];
  });
  if (list !== undefined) {
    checkCommas(
      list,
      names.map(({ imported, local }) => spanBetween(imported.span, local.span)),
      context,
    );
  }
  const from = tokenOf(node, "StringToken");
  const path = from === undefined ? null : buildString(from, context);
  if (path === null || isDamaged) return null;
  return { kind: "import", span, documentation, names, from: path };
}

function buildConst(node: CstNode, isDamaged: boolean, context: TreeContext): Declaration | null {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  const name = tokenOf(node, "Identifier");
  if (name === undefined) return null;
  const value = intact(buildExpression(nodeOf(node, "expression"), span.end, context), isDamaged);
  return { kind: "const", span, documentation, name: identifier(name, context), value };
}

function buildBlock(node: CstNode, isDamaged: boolean, context: TreeContext): Declaration | null {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  const token = tokenOf(node, "Identifier");
  const settings = buildSettings(nodeOf(node, "settings"), `block ${token?.image ?? "Name"}`, context);
  const damage = headerDamage(node, isDamaged);
  if (token === undefined) return null;
  const name = identifier(token, context);
  const expression = nodeOf(node, "expression");
  if (tokenOf(node, "Equals") !== undefined) {
    const layer = intact(buildExpression(expression, span.end, context), isDamaged);
    return {
      kind: "block",
      span,
      documentation,
      name,
      settings,
      definition: { kind: "layer", layer },
      ...damage,
    };
  }
  const signature = buildSignature(nodeOf(node, "signature"), span.end, context);
  const body = buildBody(nodeOf(node, "body"), span.end, context);
  const definition = { kind: "body", signature, body } as const;
  return { kind: "block", span, documentation, name, settings, definition, ...damage };
}

function buildNet(node: CstNode, isDamaged: boolean, context: TreeContext): Declaration | null {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  const token = tokenOf(node, "Identifier");
  const settings = buildSettings(nodeOf(node, "settings"), `net ${token?.image ?? "Name"}`, context);
  const signature = buildSignature(nodeOf(node, "signature"), span.end, context);
  const body = buildBody(nodeOf(node, "body"), span.end, context);
  if (token === undefined) return null;
  const name = identifier(token, context);
  return {
    kind: "net",
    span,
    documentation,
    name,
    settings,
    signature,
    body,
    ...headerDamage(node, isDamaged),
  };
}

function buildTrain(node: CstNode, isDamaged: boolean, context: TreeContext): Declaration | null {
  const span = spanOfNode(node, 0, context.file);
  const documentation = context.takeDocumentation(span.start);
  const token = tokenOf(node, "Identifier");
  const body: Body = buildBody(nodeOf(node, "body"), span.end, context);
  if (token === undefined) return null;
  const name = identifier(token, context);
  return { kind: "train", span, documentation, name, body, ...headerDamage(node, isDamaged) };
}

/** Marks a declaration whose settings, signature or ending could not be read whole. */
function headerDamage(node: CstNode, isDamaged: boolean): { readonly damaged?: true } {
  const parts = ["settings", "signature"].flatMap((name) => nodesOf(node, name));
  const lacksInputs = nodesOf(node, "signature").some((signature) => !hasInputs(signature));
  const isWhole = !isDamaged && !wasDamaged(node) && !lacksInputs && !parts.some(containsDamage);
  return isWhole && !nodesOf(node, "settings").some(hasMisusedSettings) ? {} : { damaged: true };
}

function hasInputs(signature: CstNode): boolean {
  return tensorNodes(signature).length > 0;
}

/** What was skipped after an expression might have been part of it. */
function intact(expression: Expression, isDamaged: boolean): Expression {
  return isDamaged && !containsMissing(expression) ? missing(expression.span) : expression;
}

function buildSignature(node: CstNode | undefined, fallback: number, context: TreeContext): Signature {
  const nowhere: Span = { file: context.file, start: fallback, end: fallback };
  if (node === undefined) return { span: nowhere, inputs: [], outputs: null, where: [] };
  const span = spanOfNode(node, fallback, context.file);

  const inputs = tensorNodes(node)
    .map((tensor) => buildTensor(tensor, context))
    .filter((tensor) => tensor !== null);
  const inputsNode = nodeOf(node, "inputs");
  const list = inputsNode === undefined ? undefined : nodeOf(inputsNode, "tensorDeclarations");
  if (list !== undefined) {
    checkCommas(
      list,
      inputs.map((tensor) => tensor.span),
      context,
    );
  }
  if (inputsNode !== undefined && !hasInputs(node) && !containsDamage(inputsNode)) {
    context.report(
      diagnostic("syntax", spanOfNode(inputsNode, fallback, context.file), "there are no inputs here", {
        suggestion: { message: "Name at least one: x[N, C, H, W].", edits: [] },
      }),
    );
  }

  return {
    span,
    inputs,
    outputs: buildOutputs(nodeOf(node, "outputs"), span.end, context),
    where: buildConditions(node, span.end, context),
  };
}

/** The inputs of a signature, one alone or several in parentheses. */
function tensorNodes(signature: CstNode): CstNode[] {
  const inputs = nodeOf(signature, "inputs");
  if (inputs === undefined) return [];
  const list = nodeOf(inputs, "tensorDeclarations");
  return [inputs, ...(list === undefined ? [] : [list])].flatMap((parent) =>
    nodesOf(parent, "tensorDeclaration"),
  );
}

function buildConditions(signature: CstNode, fallback: number, context: TreeContext): Expression[] {
  const node = nodeOf(signature, "conditions");
  const word = tokenOf(signature, "Where");
  const conditions = node === undefined ? [] : buildExpressions(node, fallback, context);
  if (word !== undefined && conditions.length === 0 && !containsDamage(signature)) {
    context.report(
      diagnostic("syntax", spanOfToken(word, context.file), "a condition is missing after `where`", {
        suggestion: { message: "Write one, such as `where H % 32 == 0`.", edits: [] },
      }),
    );
  }
  return conditions.map((condition) => beforeArrow(condition, context));
}

/** `where H % 2 == 0 -> [N, 10]`: the condition itself; what follows it is reported as misplaced. */
function beforeArrow(condition: Expression, context: TreeContext): Expression {
  if (condition.kind !== "arrow") return condition;
  const [arrow] = condition.arrows;
  context.report(
    diagnostic("syntax", { ...arrow!, end: condition.span.end }, "the output must stand before `where`", {
      suggestion: {
        message: "Write the output first: x[N, C, H, W] -> [N, 10] where H % 32 == 0",
        edits: [],
      },
    }),
  );
  return condition.stages[0]!;
}

function buildOutputs(
  node: CstNode | undefined,
  fallback: number,
  context: TreeContext,
): Signature["outputs"] {
  if (node === undefined) return null;
  const list = nodeOf(node, "shapes");
  const nodes = [node, list].flatMap((parent) => (parent === undefined ? [] : nodesOf(parent, "shape")));
  const shapes = nodes.map((shape) => buildShape(shape, fallback, context));
  if (list !== undefined) {
    checkCommas(
      list,
      shapes.map((shape) => shape.span),
      context,
    );
  }
  return shapes.length === 0 ? null : shapes;
}
