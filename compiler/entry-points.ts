/**
 * Which entry points a Program is to have, and how each is lowered. A request names a
 * net or a train section and a batch size; `initialize` and `prepare` follow from them.
 */
import type { Model, NetModel, Parameter, StepModel, TrainModel } from "./check/model.js";
import type { Graph } from "./ir/graph.js";
import { accumulationState } from "./lower/accumulate.js";
import { lowerInitialize } from "./lower/initialize.js";
import { lowerObservation, observationOfNet, predictionOf } from "./lower/observe.js";
import { optimizerState } from "./lower/optimizer.js";
import { lowerPredict } from "./lower/predict.js";
import { lowerProbe } from "./lower/probe.js";
import { lowerAccumulate, lowerEvaluate, lowerGradient, lowerStep } from "./lower/section.js";
import type { BufferRole, EntryPointKind } from "../runtime/program/program.js";

/** One thing the Program shall be able to do, at one batch size. */
export type EntryPointRequest =
  | {
      readonly kind: "predict";
      readonly net: string;
      readonly batch: number;
      /** Layers whose outputs are wanted instead of the net's, by their names in `tulle show`. */
      readonly layers?: readonly string[];
    }
  | ObserveRequest
  /** Every step of the section. */
  | {
      readonly kind: "step";
      readonly section: string;
      readonly batch: number;
      /**
       * How many batches an update takes, at most; 1 by default. With more, batches of this
       * size before the last of an update can be accumulated, and every step of the section,
       * of any size, ends such a group.
       */
      readonly accumulate?: number;
    }
  /** Every step of the section, looked into: how many numbers of each tensor are not finite. */
  | { readonly kind: "probe"; readonly section: string; readonly batch: number }
  | { readonly kind: "evaluate"; readonly section: string; readonly batch: number }
  | {
      readonly kind: "gradient";
      readonly section: string;
      readonly batch: number;
      /** False computes gradients without dropout, for comparison with finite differences. */
      readonly dropout: boolean;
    };

/** What a section makes of its data, to be looked at: predicted as `section.net` or as `section`. */
export interface ObserveRequest {
  readonly kind: "observe";
  readonly section: string;
  readonly batch: number;
  /** The net whose outputs are wanted; null for the scores that the section's metrics judge. */
  readonly net: string | null;
}

/** An entry point lowered to a Graph, before any pass. */
export interface LoweredEntryPoint {
  readonly name: string;
  readonly kind: EntryPointKind;
  readonly of: string | null;
  readonly step: string | null;
  readonly batch: number | null;
  readonly graph: Graph;
}

/** A persistent buffer that the entry points share. */
export interface BufferDefinition {
  readonly name: string;
  readonly net: string | null;
  readonly path: string;
  readonly role: BufferRole;
  readonly dataType: "f32";
  readonly shape: readonly number[];
}

export interface LoweredProgram {
  readonly buffers: readonly BufferDefinition[];
  readonly entryPoints: readonly LoweredEntryPoint[];
}

/** Lowers every request, and the initialization of all buffers they touch. */
export function lowerRequests(
  model: Model,
  requests: readonly EntryPointRequest[],
  sizes: ReadonlyMap<string, number>,
): LoweredProgram {
  const accumulating = sectionsThatAccumulate(requests);
  const entryPoints = requests.flatMap((request) => lowerRequest(model, request, sizes, accumulating));
  const parameters = parametersOf(model, requests);
  const state = requests
    .filter((request) => request.kind === "step")
    .flatMap(({ section }) => stateOf(findSection(model, section), accumulating.has(section)));
  const buffers = uniqueByName([
    ...parameters.map((parameter): BufferDefinition => ({
      name: parameter.name,
      net: parameter.net,
      path: parameter.path,
      role: parameter.role,
      dataType: "f32",
      shape: parameter.shape,
    })),
    ...state,
  ]);
  const initialize: LoweredEntryPoint = {
    name: "initialize",
    kind: "initialize",
    of: null,
    step: null,
    batch: null,
    graph: lowerInitialize(
      parameters,
      buffers.filter((buffer) => buffer.role === "optimizer"),
    ),
  };
  return { buffers, entryPoints: [initialize, ...entryPoints] };
}

function lowerRequest(
  model: Model,
  request: EntryPointRequest,
  sizes: ReadonlyMap<string, number>,
  accumulating: ReadonlySet<string>,
): LoweredEntryPoint[] {
  const at = new Map(sizes).set("N", request.batch);
  const { kind, batch } = request;
  const suffix = `batch ${String(batch)}`;
  if (kind === "predict") {
    const net = findNet(model, request.net);
    const name = `predict ${net.name} ${suffix}`;
    return [{ name, kind, of: net.name, step: null, batch, graph: lowerPredict(net, at, request.layers) }];
  }
  const section = findSection(model, request.section);
  if (kind === "observe") return [lowerObserve(model, section, request, at)];
  if (kind === "evaluate") {
    const name = `evaluate ${section.name} ${suffix}`;
    return [{ name, kind, of: section.name, step: null, batch, graph: lowerEvaluate(section, at) }];
  }
  /** An entry point per step of the section. */
  const each = (kindOfAll: EntryPointKind, lower: (step: StepModel) => Graph): readonly LoweredEntryPoint[] =>
    section.steps.map((step) => ({
      name: `${kindOfAll} ${section.name}.${step.name} ${suffix}`,
      kind: kindOfAll,
      of: section.name,
      step: step.name,
      batch,
      graph: lower(step),
    }));
  switch (kind) {
    case "step": {
      const accumulates = accumulating.has(section.name);
      return [
        ...each("step", (step) => lowerStep(section, step, at, { accumulates })),
        ...(isGroup(request) ? each("accumulate", (step) => lowerAccumulate(section, step, at)) : []),
      ];
    }
    case "probe":
      return [...each("probe", (step) => lowerProbe(section, step, at))];
    case "gradient":
      return [...each("gradient", (step) => lowerGradient(section, step, at, { dropout: request.dropout }))];
  }
}

/** Sections of which some update takes several batches. */
function sectionsThatAccumulate(requests: readonly EntryPointRequest[]): ReadonlySet<string> {
  return new Set(requests.flatMap((request) => (isGroup(request) ? [request.section] : [])));
}

function isGroup(request: EntryPointRequest): request is Extract<EntryPointRequest, { kind: "step" }> {
  return request.kind === "step" && (request.accumulate ?? 1) > 1;
}

function lowerObserve(
  model: Model,
  section: TrainModel,
  { net, batch }: ObserveRequest,
  sizes: ReadonlyMap<string, number>,
): LoweredEntryPoint {
  const of = net === null ? section.name : `${section.name}.${net}`;
  const observation =
    net === null
      ? (predictionOf(section)?.observation ?? null)
      : observationOfNet(section, findNet(model, net));
  if (observation === null) throw new RangeError(`there is nothing to observe as ${of}`);
  const name = `observe ${of} batch ${String(batch)}`;
  return {
    name,
    kind: "predict",
    of,
    step: null,
    batch,
    graph: lowerObservation(section, observation, sizes, name),
  };
}

function parametersOf(model: Model, requests: readonly EntryPointRequest[]): Parameter[] {
  const all = requests.flatMap((request) =>
    request.kind === "predict"
      ? netsReachedFrom(model, request.net).flatMap((net) => net.parameters)
      : findSection(model, request.section).parameters,
  );
  return uniqueByName(all);
}

function netsReachedFrom(model: Model, name: string, seen = new Set<string>()): NetModel[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const net = findNet(model, name);
  return [net, ...net.uses.flatMap((used) => netsReachedFrom(model, used, seen))];
}

function stateOf(section: TrainModel, accumulates: boolean): BufferDefinition[] {
  return section.steps.flatMap((step: StepModel) => {
    const optimizer = optimizerState(section, step).map(({ name, parameter: { shape } }) => ({
      name,
      shape,
    }));
    const sums = accumulates ? accumulationState(section, step) : [];
    return [...optimizer, ...sums].map(({ name, shape }): BufferDefinition => ({
      name,
      net: null,
      path: name,
      role: "optimizer",
      dataType: "f32",
      shape,
    }));
  });
}

/** A request that names what is not there is the caller's mistake: RangeError with the names there are. */
export function findNet(model: Model, name: string): NetModel {
  const net = model.nets.find((candidate) => candidate.name === name);
  if (net === undefined) throw new RangeError(missing("net", name, model.nets));
  return net;
}

export function findSection(model: Model, name: string): TrainModel {
  const section = model.sections.find((candidate) => candidate.name === name);
  if (section === undefined) throw new RangeError(missing("train section", name, model.sections));
  return section;
}

function missing(what: string, name: string, present: readonly { readonly name: string }[]): string {
  const names = present.map((candidate) => candidate.name).join(", ");
  return `there is no ${what} \`${name}\`; ${names === "" ? `the file has none` : `the file has ${names}`}`;
}

function uniqueByName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}
