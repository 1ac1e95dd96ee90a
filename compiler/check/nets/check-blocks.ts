/** Checks every block by itself: its names, and where no net uses it, what is wrong at all sizes. */
import type { BlockDeclaration, Expression } from "../../syntax/ast.js";
import { childrenOf } from "../../syntax/walk.js";
import type { Frame } from "../frame.js";
import { addNamesIn } from "../names/references.js";
import { lookUp } from "../names/lookup.js";
import type { Module } from "../names/module.js";
import { type Names, newNames } from "../names/names.js";
import { choiceWords } from "../settings/choice-words.js";
import { unknown } from "../values/value.js";
import { checkUnusedBlock } from "./check-unused-blocks.js";

export function checkBlocks(module: Module, frame: Frame): void {
  for (const declared of module.names.values()) {
    if (declared.kind !== "block" || declared.module !== module) continue;
    checkNamesOfBlock(declared.declaration, frame);
    checkUnusedBlock(declared.declaration, frame);
  }
}

/** Every name in a block means something, whether or not the block is used. */
export function checkNamesOfBlock(declaration: BlockDeclaration, frame: Frame): void {
  const names = newNames(null);
  for (const setting of declaration.settings) {
    names.entries.set(setting.name.name, { value: unknown, span: setting.span });
  }
  const { definition } = declaration;
  if (definition.kind === "layer") {
    checkExpression(definition.layer, names, frame);
    return;
  }
  const { signature, body } = definition;
  for (const { name, shape } of signature.inputs) {
    names.entries.set(name.name, { value: unknown, span: name.span });
    for (const axis of shape.axes) {
      if (axis.kind !== "size") continue;
      const mentioned = new Set<string>();
      addNamesIn(axis.expression, mentioned);
      for (const size of mentioned) names.entries.set(size, { value: unknown, span: axis.span });
    }
  }
  for (const item of body.items) {
    if (item.kind === "binding" && item.targets.length > 0)
      names.later.set(item.targets[0]!.name, item.targets[0]!.span);
  }
  for (const item of body.items) {
    if (item.kind !== "binding" && item.kind !== "expression") continue;
    checkExpression(item.value, names, frame);
    if (item.kind !== "binding") continue;
    for (const target of item.targets) names.entries.set(target.name, { value: unknown, span: target.span });
  }
}

/** Looks up every name; words that are values of settings, such as `pad=same`, are not names. */
function checkExpression(expression: Expression, names: Names, frame: Frame): void {
  if (expression.kind === "call") {
    const inner = newNames(names);
    for (const argument of expression.arguments) {
      if (argument.kind !== "iteration") continue;
      for (const target of argument.targets)
        inner.entries.set(target.name, { value: unknown, span: target.span });
    }
    const { callee } = expression;
    const isKeyword = callee.kind === "name" && ["repeat", "ceil", "floor"].includes(callee.name);
    if (!isKeyword) checkExpression(callee, names, frame);
    const definition = callee.kind === "name" ? frame.checker.library.get(callee.name) : undefined;
    const words = definition === undefined ? [] : choiceWords(definition);
    for (const argument of expression.arguments) {
      const value = argument.kind === "iteration" ? argument.source : argument.value;
      if (value.kind !== "name" || !words.includes(value.name)) checkExpression(value, inner, frame);
    }
    return;
  }
  if (expression.kind === "name") {
    const declared = frame.module.names.get(expression.name);
    if (declared === undefined) lookUp(expression.name, expression.span, { ...frame, names });
    return;
  }
  for (const child of childrenOf(expression)) checkExpression(child, names, frame);
}
