/**
 * Elaborates a part of a net and remembers what that left behind, and leaves the same behind
 * again without elaborating.
 *
 * Invariant: only parts that went well and said nothing are remembered, so every message comes
 * from an elaboration.
 */
import type { BlockDeclaration } from "../../syntax/ast.js";
import type { Flow, FlowApplication, FlowObligation } from "../flow.js";
import type { Frame } from "../frame.js";
import { limits } from "../limits.js";
import type { Leaf, NetUnderConstruction } from "../nets/construction.js";
import type { Copier } from "./copier.js";
import type { Effects } from "./recording.js";

export interface Watched<T> {
  readonly outcome: T;
  readonly effects: Effects;
  /** Whether elaborating it again would leave nothing else behind: no message, no net that is used. */
  readonly wentWell: boolean;
}

/** Elaborates a part in the frame, whose flow and net these are. */
export function watch<T>(
  frame: Frame,
  flow: Flow,
  net: NetUnderConstruction,
  elaborate: (frame: Frame) => T,
): Watched<T> {
  const { checker } = frame;
  const { work } = checker;
  const observed = checker.observer?.watchPart() ?? null;
  const blocks = new Set<BlockDeclaration>();
  const before = { ...work, uses: net.uses.size, facts: flow.facts, elements: net.elements };
  const starts = [flow.applications.length, flow.obligations.length, net.leaves.length] as const;
  const outcome = elaborate({
    ...frame,
    checker: { ...checker, observer: observed?.observer ?? null, elaboratedBlocks: blocks },
  });
  if (observed !== null) checker.observer?.later(observed.tell);
  for (const block of blocks) checker.elaboratedBlocks.add(block);
  const wentWell = !work.exhausted && work.mistakes === before.mistakes && net.uses.size === before.uses;
  const effects: Effects = {
    facts: before.facts,
    applications: flow.applications.slice(starts[0]),
    obligations: flow.obligations.slice(starts[1]),
    leaves: net.leaves.slice(starts[2]),
    elements: net.elements - before.elements,
    blocks,
    observed,
    evaluations: work.evaluations - before.evaluations,
    nesting: before.nesting,
    depth: frame.uses.length,
  };
  return { outcome, effects, wentWell };
}

/** Whether every layer it applied is one that it made, in this net. */
export function usesOwnLayers({ applications, leaves }: Effects, net: NetUnderConstruction): boolean {
  const own = new Set(leaves);
  return applications.every((one) => one.net === net.name && (one.leaf === null || own.has(one.leaf)));
}

/** Whether elaborating it here would find the same, within the limits. */
export function canRepeat(effects: Effects, frame: Frame, flow: Flow, net: NetUnderConstruction): boolean {
  const { work } = frame.checker;
  return (
    effects.facts === flow.facts &&
    work.nesting <= effects.nesting &&
    frame.uses.length <= effects.depth &&
    work.evaluations + effects.evaluations <= limits.evaluations &&
    flow.applications.length + effects.applications.length <= limits.applications &&
    net.elements + effects.elements <= limits.parameters
  );
}

/** Leaves behind the very same again. */
export function repeatEffects(effects: Effects, frame: Frame, flow: Flow, net: NetUnderConstruction): void {
  const { checker } = frame;
  for (const application of effects.applications) flow.applications.push(application);
  for (const obligation of effects.obligations) flow.obligations.push(obligation);
  for (const leaf of effects.leaves) net.leaves.push(leaf);
  net.elements += effects.elements;
  checker.work.evaluations += effects.evaluations;
  for (const block of effects.blocks) checker.elaboratedBlocks.add(block);
  if (effects.observed !== null) checker.observer?.later(effects.observed.tell);
}

/** Gives what a part has just left behind in the flow other tensors. */
export function exchangeTensors(effects: Effects, flow: Flow, copier: Copier): Effects {
  const renamed = copyEffects(effects, copier, new Map(effects.leaves.map((leaf) => [leaf, leaf])));
  flow.applications.splice(
    -effects.applications.length,
    effects.applications.length,
    ...renamed.applications,
  );
  if (effects.obligations.length > 0) {
    flow.obligations.splice(-effects.obligations.length, effects.obligations.length, ...renamed.obligations);
  }
  return renamed;
}

/** The same part whose layers have other names. */
export function withLayers(effects: Effects, leaves: ReadonlyMap<Leaf, Leaf>): Effects {
  const copies = new Map<FlowApplication, FlowApplication>();
  const applications = effects.applications.map((application) => {
    const leaf = application.leaf === null ? null : leaves.get(application.leaf)!;
    if (leaf === null || leaf === application.leaf) return application;
    const copy = { ...application, leaf, label: labelOf(leaf) };
    copies.set(application, copy);
    return copy;
  });
  return {
    ...effects,
    applications,
    obligations: effects.obligations.map((obligation) => {
      const trainingOnly = obligation.trainingOnly === null ? undefined : copies.get(obligation.trainingOnly);
      return trainingOnly === undefined ? obligation : { ...obligation, trainingOnly };
    }),
    leaves: effects.leaves.map((leaf) => leaves.get(leaf)!),
    observed: effects.observed === null ? null : effects.observed.joinedBy(applications),
  };
}

function labelOf({ net, path }: Leaf): string {
  return `${net.name}.${path}`;
}

/** The effects that elaborating it on other tensors would have had, with layers of its own. */
export function copyEffects(
  effects: Effects,
  { copyTensor, copyValue }: Copier,
  leaves: ReadonlyMap<Leaf, Leaf>,
): Effects {
  const copies = new Map<FlowApplication, FlowApplication>();
  const applications = effects.applications.map((application): FlowApplication => {
    const leaf = application.leaf === null ? null : leaves.get(application.leaf)!;
    const copy: FlowApplication = {
      definition: application.definition,
      settings: application.settings,
      leaf,
      net: application.net,
      inputs: application.inputs.map(copyTensor),
      outputs: application.outputs.map(copyTensor),
      operandParameters: application.operandParameters,
      span: application.span,
      label: leaf === null ? application.label : labelOf(leaf),
    };
    if (effects.obligations.length > 0) copies.set(application, copy);
    return copy;
  });
  const obligations = effects.obligations.map(({ condition, span, trainingOnly }): FlowObligation => ({
    condition,
    span,
    trainingOnly: trainingOnly === null ? null : copies.get(trainingOnly)!,
  }));
  const { facts, elements, blocks, observed, evaluations, nesting, depth } = effects;
  return {
    facts,
    applications,
    obligations,
    leaves: effects.leaves.map((leaf) => leaves.get(leaf)!),
    elements,
    blocks,
    observed: observed === null ? null : observed.copied(copyTensor, copyValue, applications),
    evaluations,
    nesting,
    depth,
  };
}
