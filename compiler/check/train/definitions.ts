/**
 * Bindings of a train section that stand outside steps are definitions: every step and
 * metric evaluates what it uses afresh, in a dataflow of its own.
 */
import type { BindingItem, Item, TrainDeclaration } from "../../syntax/ast.js";
import { bindItem } from "../bodies/binding.js";
import { type Flow, newFlow } from "../flow.js";
import type { Frame } from "../frame.js";
import { newNames } from "../names/names.js";
import { namesInItem } from "../names/references.js";

export interface SectionFlow {
  readonly flow: Flow;
  readonly frame: Frame;
}

/** A new dataflow in which the definitions above `user` that `items` need are evaluated. */
export function openFlow(
  section: TrainDeclaration,
  user: Item,
  items: readonly Item[],
  outer: Frame,
): SectionFlow {
  const flow = newFlow(section.name.name, "train section");
  const frame: Frame = { ...outer, flow, names: newNames(outer.names) };
  const bindings = section.body.items.filter((item): item is BindingItem => item.kind === "binding");
  for (const binding of bindings) {
    for (const target of binding.targets) frame.names?.later.set(target.name, target.span);
  }
  const above = bindings.filter((binding) => binding.span.start < user.span.start);
  for (const binding of neededOf(above, items)) bindItem(binding, frame);
  return { flow, frame: { ...frame, names: newNames(frame.names) } };
}

/** The bindings that items mention, directly or through each other, in order. */
function neededOf(bindings: readonly BindingItem[], items: readonly Item[]): readonly BindingItem[] {
  const mentioned = new Set(items.flatMap((item) => [...namesInItem(item)]));
  const needed = new Set<BindingItem>();
  for (const binding of bindings.toReversed()) {
    if (!binding.targets.some(({ name }) => mentioned.has(name))) continue;
    needed.add(binding);
    for (const name of namesInItem(binding)) mentioned.add(name);
  }
  return bindings.filter((binding) => needed.has(binding));
}
