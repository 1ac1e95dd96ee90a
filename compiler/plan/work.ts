/**
 * The planner's view of a KernelGraph: steps that read and write values, with every
 * update of a persistent buffer made explicit.
 *
 * Invariant: a value is written by one step (or given from outside) and lives either in
 * the arena or in a persistent buffer. A step that overwrites a buffer comes `after` every
 * step that reads its old content, so each order that respects `after` is right.
 */
import { invariant } from "../diagnostics/invariant.js";
import { elementCount } from "../ir/shapes.js";
import { wholeCopy } from "../select/copies.js";
import type { KernelGraph, KernelSpec, SelectedCall, Slot } from "../select/kernel.js";
import type { PlanTarget } from "./target.js";

export interface Work {
  readonly name: string;
  readonly values: readonly WorkValue[];
  readonly steps: readonly WorkStep[];
  readonly outputs: readonly {
    readonly name: string;
    readonly value: number;
    readonly shape: readonly number[];
  }[];
}

export interface WorkValue {
  /** Unique. */
  readonly name: string;
  readonly slot: Slot;
  /** The persistent buffer it lives in; null for the arena. */
  readonly home: string | null;
  /** It exists before the first step: the host or an earlier call has written it. */
  readonly given: boolean;
  /** The host reads it after the last step. */
  readonly wanted: boolean;
}

export interface WorkStep {
  readonly kernel: KernelSpec;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly description: string;
  /** For all threads together. */
  readonly scratchBytes: number;
  readonly flops: number;
  /** For every output, the positions of inputs whose memory it may take over. */
  readonly overwrites: readonly (readonly number[])[];
  /** Steps that must come earlier: producers of inputs, readers of what is overwritten. */
  readonly after: readonly number[];
}

export interface WorkOptions {
  readonly threads: number;
  /** Whether updates are written where the buffer is, when that is safe; otherwise they are copied at the end. */
  readonly updateInPlace: boolean;
}

/** While it is built. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Draft {
  /** Whether every step still stands behind all that it must come after. */
  isOrdered: boolean;
  readonly values: Mutable<WorkValue>[];
  readonly steps: (Omit<WorkStep, "after"> & { readonly after: Set<number> })[];
  /** The step that writes each value. */
  readonly producer: Map<number, number>;
  /** The steps that read each value, in order. */
  readonly readers: Map<number, number[]>;
  /** The value that is the content of each persistent buffer before the first step. */
  readonly contents: Map<string, number>;
  readonly names: Set<string>;
  readonly target: PlanTarget;
  readonly threads: number;
}

export function planWork(graph: KernelGraph, target: PlanTarget, options: WorkOptions): Work {
  const draft: Draft = {
    isOrdered: true,
    values: [],
    steps: [],
    producer: new Map(),
    readers: new Map(),
    contents: new Map(),
    names: new Set(),
    target,
    threads: options.threads,
  };
  const wanted = new Set<number>(graph.outputs.map(({ slot }) => slot));
  for (const slot of graph.slots) {
    const { storage } = slot;
    if (storage.kind === "persistent") draft.contents.set(storage.buffer, draft.values.length);
    draft.values.push({
      name: uniqueName(draft.names, slot.name),
      slot,
      home: storage.kind === "persistent" ? storage.buffer : null,
      given: storage.kind !== "transient",
      wanted: wanted.has(slot.id),
    });
  }
  for (const call of graph.calls) addStep(draft, call);
  const updates = graph.updates.filter(({ buffer, slot }) => draft.values[slot]!.home !== buffer);
  const outputs = keepOldOutputs(draft, graph, new Set(updates.map((update) => update.buffer)));
  const settled = updates.map(({ buffer, slot }) => ({ buffer, value: computedValue(draft, slot) }));
  for (const { buffer, value } of settled) placeUpdate(draft, buffer, value, options.updateInPlace);
  return {
    name: graph.name,
    values: draft.values,
    steps: draft.steps.map((step) => ({ ...step, after: [...step.after].sort((a, b) => a - b) })),
    outputs,
  };
}

function addStep(draft: Draft, { kernel, inputs, outputs, description }: SelectedCall): number {
  const index = draft.steps.length;
  const after = new Set(inputs.flatMap((input) => draft.producer.get(input) ?? []));
  draft.steps.push({
    kernel,
    inputs,
    outputs,
    description,
    scratchBytes: draft.target.scratchBytes(kernel) * draft.threads,
    flops: draft.target.flops(kernel),
    overwrites: draft.target.overwrites(kernel),
    after,
  });
  for (const output of outputs) draft.producer.set(output, index);
  for (const input of new Set(inputs)) {
    const readers = draft.readers.get(input);
    if (readers === undefined) draft.readers.set(input, [index]);
    else readers.push(index);
  }
  return index;
}

/** A new value with the content of another. */
function copyValue(draft: Draft, value: number, name: string, home: string | null): number {
  const source = draft.values[value]!;
  const slot: Slot = {
    ...source.slot,
    id: draft.values.length as Slot["id"],
    storage: { kind: "transient" },
  };
  draft.values.push({ name: uniqueName(draft.names, name), slot, home, given: false, wanted: false });
  addStep(draft, {
    kernel: wholeCopy(elementCount(slot.shape)),
    inputs: [source.slot.id],
    outputs: [slot.id],
    description: `copy ${source.name}`,
  });
  return slot.id;
}

/** Outputs that are the old content of a buffer which is updated: copied, so that they survive. */
function keepOldOutputs(draft: Draft, graph: KernelGraph, updated: ReadonlySet<string>): Work["outputs"] {
  return graph.outputs.map(({ name, slot, shape }) => {
    const value = draft.values[slot]!;
    if (value.home === null || !updated.has(value.home)) return { name, value: slot, shape };
    value.wanted = false;
    const copy = copyValue(draft, slot, `output ${name}`, null);
    draft.values[copy]!.wanted = true;
    return { name, value: copy, shape };
  });
}

/** What a step computes can be an update as it is; what is given from outside is copied first. */
function computedValue(draft: Draft, value: number): number {
  const { given, name } = draft.values[value]!;
  return given ? copyValue(draft, value, `${name} before`, null) : value;
}

/** Decides where an update is written: straight into its buffer, or there by a copy at the end. */
function placeUpdate(draft: Draft, buffer: string, value: number, inPlace: boolean): void {
  const old = draft.contents.get(buffer) ?? null;
  const readers = old === null ? [] : [...(draft.readers.get(old) ?? [])];
  let writer = draft.producer.get(value);
  invariant(writer !== undefined, () => `nothing computes the update of ${buffer}`);
  if (!inPlace || draft.values[value]!.home !== null || !canOverwrite(draft, writer, value, old, readers)) {
    const copy = copyValue(draft, value, `${buffer} after`, buffer);
    writer = draft.producer.get(copy)!;
  } else {
    draft.values[value]!.home = buffer;
  }
  for (const reader of readers) if (reader !== writer) draft.steps[writer]!.after.add(reader);
  draft.isOrdered &&= readers.every((reader) => reader <= writer);
}

/** Whether `writer` may come after all readers of the old content, and reads it at most where it writes. */
function canOverwrite(
  draft: Draft,
  writer: number,
  value: number,
  old: number | null,
  readers: readonly number[],
): boolean {
  const step = draft.steps[writer]!;
  const allowed = step.overwrites[step.outputs.findIndex((output) => output === value)]!;
  const safe = step.inputs.every((input, position) => input !== old || allowed.includes(position));
  const others = new Set(readers.filter((reader) => reader !== writer));
  return safe && (others.size === 0 || !reaches(draft, writer, others));
}

/** Whether some step of `goals` must come after `from`. */
function reaches(draft: Draft, from: number, goals: ReadonlySet<number>): boolean {
  // Walks back from the goals: what they come after, and so on.
  const seen = new Set<number>(goals);
  const stack = [...goals].filter((goal) => !draft.isOrdered || goal > from);
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    for (const earlier of draft.steps[step]!.after) {
      if (earlier === from) return true;
      const leadsNowhere = draft.isOrdered && earlier < from;
      if (!leadsNowhere && !seen.has(earlier)) {
        seen.add(earlier);
        stack.push(earlier);
      }
    }
  }
  return false;
}

function uniqueName(names: Set<string>, wanted: string): string {
  let name = wanted;
  for (let count = 2; names.has(name); count++) name = `${wanted} (${String(count)})`;
  names.add(name);
  return name;
}
