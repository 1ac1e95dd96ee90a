/**
 * Bindings of a train section that stand outside steps are definitions: every step and
 * metric has what it uses of them in a dataflow of its own.
 *
 * Invariant: the dataflows that begin with the same definitions share what these gave, so a
 * net is applied once for a step and all its metrics. Flows only grow, and what is in them
 * never changes.
 */
import type { BindingItem, Item, TrainDeclaration } from "../../syntax/ast.js";
import { bindItem } from "../bodies/binding.js";
import { type Flow, newFlow } from "../flow.js";
import type { Frame } from "../frame.js";
import { type NameEntry, newNames } from "../names/names.js";
import { namesInItem } from "../names/references.js";
import type { Facts } from "../values/facts.js";

/** Where a flow stands after some definitions, and how flows have gone on from there. */
export interface Definitions {
  readonly flow: Flow;
  readonly facts: Facts;
  readonly names: ReadonlyMap<string, NameEntry>;
  /** How much of the flow and of the names the definitions made. */
  readonly applications: number;
  readonly obligations: number;
  readonly nets: number;
  readonly named: number;
  readonly next: Map<BindingItem, Definitions>;
}

/** Before any definition. */
export function noDefinitions(): Definitions {
  return after(newFlow("", "train section"), new Map());
}

function after(flow: Flow, names: ReadonlyMap<string, NameEntry>): Definitions {
  return {
    flow,
    facts: flow.facts,
    names,
    applications: flow.applications.length,
    obligations: flow.obligations.length,
    nets: flow.nets.size,
    named: names.size,
    next: new Map(),
  };
}

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
  start: Definitions,
): SectionFlow {
  const flow = newFlow(section.name.name, "train section");
  const names = newNames(outer.names);
  const frame: Frame = { ...outer, flow, names };
  const bindings = section.body.items.filter((item): item is BindingItem => item.kind === "binding");
  for (const binding of bindings) {
    for (const target of binding.targets) names.later.set(target.name, target.span);
  }
  const above = bindings.filter((binding) => binding.span.start < user.span.start);
  const needed = neededOf(above, items);
  let here = start;
  let count = 0;
  for (let next = here.next.get(needed[0]!); next; next = here.next.get(needed[count]!)) {
    here = next;
    count += 1;
  }
  goOn(here, flow, names.entries);
  for (const binding of needed.slice(count)) {
    bindItem(binding, frame);
    if (outer.checker.work.exhausted) continue;
    const next = after(flow, names.entries);
    here.next.set(binding, next);
    here = next;
  }
  return { flow, frame: { ...frame, names: newNames(names) } };
}

/** Begins a flow with what another one began with. */
function goOn(from: Definitions, flow: Flow, names: Map<string, NameEntry>): void {
  for (const application of from.flow.applications.slice(0, from.applications)) {
    flow.applications.push(application);
  }
  flow.obligations.push(...from.flow.obligations.slice(0, from.obligations));
  for (const net of [...from.flow.nets].slice(0, from.nets)) flow.nets.add(net);
  flow.facts = from.facts;
  for (const [name, entry] of [...from.names].slice(0, from.named)) names.set(name, entry);
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
