/** Walks a declaration as scopes are nested, and says which name refers to what. */
import { choiceWords } from "../../check/settings/choice-words.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import { unreachable } from "../../diagnostics/invariant.js";
import { library } from "../../library/index.js";
import type {
  Body,
  CallExpression,
  Comment,
  Declaration,
  Expression,
  Identifier,
  Item,
  SettingDeclaration,
  ShapePattern,
  Signature,
  StringLiteral,
} from "../../syntax/ast.js";
import { childrenOf } from "../../syntax/walk.js";
import type { Local, LocalKind, Target } from "./occurrence.js";

export interface Sink {
  readonly occurrence: (identifier: Identifier, target: Target, isDefinition?: boolean) => void;
  readonly local: (local: Local) => void;
}

interface Scope {
  readonly parent: Scope | null;
  readonly span: Span;
  readonly names: Map<string, Local>;
}

interface Walker extends Sink {
  readonly isConstant: (name: string) => boolean;
}

export function bindDeclaration(
  declaration: Declaration,
  isConstant: (name: string) => boolean,
  sink: Sink,
): void {
  const walker: Walker = { ...sink, isConstant };
  if (declaration.kind === "import") {
    const from = declaration.from.value;
    for (const { imported, local } of declaration.names) {
      walker.occurrence(imported, { kind: "import", from });
      if (local.span.start !== imported.span.start) {
        walker.occurrence(local, { kind: "alias", from, imported: imported.name }, true);
      }
    }
    return;
  }
  walker.occurrence(declaration.name, { kind: "declaration", declaration }, true);
  const scope: Scope = { parent: null, span: declaration.span, names: new Map() };
  switch (declaration.kind) {
    case "const":
      return walkExpression(declaration.value, scope, walker);
    case "block":
      walkSettings(declaration.settings, scope, walker);
      if (declaration.definition.kind === "layer") {
        return walkExpression(declaration.definition.layer, scope, walker);
      }
      walkSignature(declaration.definition.signature, scope, walker);
      return walkBody(declaration.definition.body, scope, walker);
    case "net":
      walkSettings(declaration.settings, scope, walker);
      walkSignature(declaration.signature, scope, walker);
      return walkBody(declaration.body, scope, walker);
    case "train":
      return walkBody(declaration.body, scope, walker);
    default:
      return unreachable(declaration, "declaration");
  }
}

function define(
  kind: LocalKind,
  { name, span }: Identifier,
  documentation: readonly Comment[],
  scope: Scope,
  walker: Walker,
): void {
  const known = scope.names.get(name);
  const local: Local = known ?? { kind, name, span, documentation, scope: scope.span };
  if (known === undefined && name !== "_") {
    scope.names.set(name, local);
    walker.local(local);
  }
  walker.occurrence({ name, span }, { kind: "local", local }, known === undefined);
}

function find(name: string, scope: Scope): Local | null {
  for (let here: Scope | null = scope; here !== null; here = here.parent) {
    const local = here.names.get(name);
    if (local !== undefined) return local;
  }
  return null;
}

function refer(identifier: Identifier, scope: Scope, walker: Walker): void {
  const local = find(identifier.name, scope);
  walker.occurrence(identifier, local === null ? { kind: "global" } : { kind: "local", local });
}

function walkSettings(settings: readonly SettingDeclaration[], scope: Scope, walker: Walker): void {
  for (const setting of settings) {
    if (setting.default !== null) walkExpression(setting.default, scope, walker);
    define(setting.isBlock ? "block setting" : "setting", setting.name, [], scope, walker);
  }
}

function walkSignature({ inputs, outputs, where }: Signature, scope: Scope, walker: Walker): void {
  for (const { shape } of inputs) defineSizes(shape, scope, walker);
  for (const { name, shape } of inputs) {
    define("input", name, [], scope, walker);
    useSizes(shape, scope, walker);
  }
  for (const shape of outputs ?? []) {
    defineSizes(shape, scope, walker);
    useSizes(shape, scope, walker);
  }
  for (const condition of where) walkExpression(condition, scope, walker);
}

/** A size variable binds where it first stands alone. */
function defineSizes({ axes }: ShapePattern, scope: Scope, walker: Walker): void {
  for (const axis of axes) {
    if (axis.kind !== "size" || axis.expression.kind !== "name") continue;
    const { name, span } = axis.expression;
    if (find(name, scope) === null && !walker.isConstant(name))
      define("size", { name, span }, [], scope, walker);
  }
}

function useSizes({ axes }: ShapePattern, scope: Scope, walker: Walker): void {
  for (const axis of axes) {
    if (axis.kind !== "size") continue;
    const { expression } = axis;
    const isDefinition = expression.kind === "name" && find(expression.name, scope)?.span === expression.span;
    if (!isDefinition) walkExpression(expression, scope, walker);
  }
}

function walkBody({ items, span }: Body, outer: Scope, walker: Walker): void {
  const scope: Scope = { parent: outer, span, names: new Map() };
  for (const item of items) declareItem(item, scope, walker);
  for (const item of items) walkItem(item, scope, walker);
}

function declareItem(item: Item, scope: Scope, walker: Walker): void {
  if (item.kind === "binding") {
    for (const target of item.targets) define("binding", target, item.documentation, scope, walker);
  } else if (item.kind === "input" || item.kind === "sample") {
    defineSizes(item.tensor.shape, scope, walker);
    define(item.kind, item.tensor.name, item.documentation, scope, walker);
  }
}

function walkItem(item: Item, scope: Scope, walker: Walker): void {
  switch (item.kind) {
    case "binding":
    case "expression":
      return walkExpression(item.value, scope, walker);
    case "input":
      useSizes(item.tensor.shape, scope, walker);
      if (item.range !== null) walkExpression(item.range, scope, walker);
      return;
    case "sample":
      useSizes(item.tensor.shape, scope, walker);
      return walkExpression(item.distribution, scope, walker);
    case "minimize":
      walkExpression(item.loss, scope, walker);
      for (const { segments } of [...(item.over ?? []), ...item.except]) {
        for (const [index, segment] of segments.entries()) {
          if (index === 0) refer(segment, scope, walker);
          else {
            const path = segments.slice(0, index + 1).map(({ name }) => name);
            walker.occurrence(segment, { kind: "part", path });
          }
        }
      }
      if (item.optimizer !== null) walkExpression(item.optimizer, scope, walker);
      return;
    case "step":
    case "metric": {
      const local: Local = {
        kind: "item",
        name: item.name.name,
        span: item.name.span,
        documentation: item.documentation,
        scope: item.name.span,
      };
      walker.occurrence(item.name, { kind: "local", local }, true);
      return item.kind === "step"
        ? walkBody(item.body, scope, walker)
        : walkExpression(item.value, scope, walker);
    }
    default:
      return unreachable(item, "item");
  }
}

function walkExpression(expression: Expression, scope: Scope, walker: Walker): void {
  switch (expression.kind) {
    case "name":
      return refer(expression, scope, walker);
    case "call":
      return walkCall(expression, scope, walker);
    case "member": {
      walkExpression(expression.target, scope, walker);
      const path = pathOf(expression);
      if (path !== null) walker.occurrence(expression.member, { kind: "part", path });
      return;
    }
    case "as":
      walkExpression(expression.value, scope, walker);
      if ("kind" in expression.name) return walkInterpolation(expression.name, scope, walker);
      return walker.occurrence(expression.name, { kind: "label" }, true);
    default:
      for (const child of childrenOf(expression)) walkExpression(child, scope, walker);
  }
}

/** `Net.layer1.0` as its names; null when it does not begin with a name. */
function pathOf(expression: Expression): readonly string[] | null {
  if (expression.kind === "name") return [expression.name];
  if (expression.kind !== "member") return null;
  const above = pathOf(expression.target);
  return above === null ? null : [...above, expression.member.name];
}

function walkCall(call: CallExpression, scope: Scope, walker: Walker): void {
  walkExpression(call.callee, scope, walker);
  const callee = call.callee.kind === "name" ? call.callee.name : null;
  const definition = callee === null || find(callee, scope) !== null ? undefined : library.get(callee);
  const words = definition === undefined ? [] : choiceWords(definition);
  const names = new Map<string, Local>();
  const inner: Scope = { parent: scope, span: call.span, names };
  for (const argument of call.arguments) {
    if (argument.kind === "iteration") {
      walkExpression(argument.source, scope, walker);
      for (const target of argument.targets) define("binding", target, [], inner, walker);
      continue;
    }
    if (argument.kind === "named") walker.occurrence(argument.name, { kind: "argument", callee });
    const { value } = argument;
    if (
      callee !== null &&
      value.kind === "name" &&
      words.includes(value.name) &&
      find(value.name, inner) === null
    ) {
      walker.occurrence(value, { kind: "choice", callee });
    } else walkExpression(value, inner, walker);
  }
}

/** The names between braces in `as "part{i}"`. */
function walkInterpolation({ value, span }: StringLiteral, scope: Scope, walker: Walker): void {
  for (const match of value.matchAll(/\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}/g)) {
    const name = match[1]!;
    const start = span.start + 1 + match.index + match[0].indexOf(name);
    refer({ name, span: { ...span, start, end: start + name.length } }, scope, walker);
  }
}
