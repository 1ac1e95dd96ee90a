/** The names an expression or body mentions, without knowing what they mean. */
import type { Body, Expression, Item } from "../../syntax/ast.js";
import { unreachable } from "../../diagnostics/invariant.js";
import { childrenOf } from "../../syntax/walk.js";

/** Adds every name mentioned in the expression. */
export function addNamesIn(expression: Expression, names: Set<string>): void {
  const pending: Expression[] = [expression];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "name") names.add(next.name);
    if (next.kind === "as" && "kind" in next.name) {
      for (const [, name] of next.name.value.matchAll(/\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}/g))
        names.add(name!);
    }
    pending.push(...childrenOf(next));
  }
}

/** The names an item's own expressions mention. */
export function namesInItem(item: Item): Set<string> {
  const names = new Set<string>();
  addNamesInItem(item, names);
  return names;
}

/** Gives the names of an item; an editor finds them once. */
export type NamesOfItem = (item: Item) => ReadonlySet<string>;

export function namesInBody(body: Body, namesOf: NamesOfItem = namesInItem): Set<string> {
  const names = new Set<string>();
  addNamesInBody(body, names, namesOf);
  return names;
}

/** Adds every name mentioned in the body. */
export function addNamesInBody(
  { items }: Body,
  names: Set<string>,
  namesOf: NamesOfItem = namesInItem,
): void {
  for (const item of items) for (const name of namesOf(item)) names.add(name);
}

function addNamesInItem(item: Item, names: Set<string>): void {
  switch (item.kind) {
    case "binding":
    case "expression":
    case "metric":
      addNamesIn(item.value, names);
      break;
    case "input":
    case "sample":
      for (const axis of item.tensor.shape.axes) if (axis.kind === "size") addNamesIn(axis.expression, names);
      if (item.kind === "sample") addNamesIn(item.distribution, names);
      else if (item.range !== null) addNamesIn(item.range, names);
      break;
    case "minimize":
      addNamesIn(item.loss, names);
      for (const { segments } of [...(item.over ?? []), ...item.except]) {
        if (segments[0] !== undefined) names.add(segments[0].name);
      }
      if (item.optimizer !== null) addNamesIn(item.optimizer, names);
      break;
    case "step":
      addNamesInBody(item.body, names);
      break;
    default:
      unreachable(item, "item");
  }
}
