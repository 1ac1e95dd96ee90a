/** A train section of a session, as the training loop wants it. */
import type { LoadOptions } from "../cpu/weights.js";
import { UserError } from "../program/user-error.js";
import type { EntryPoint, TensorBinding } from "../program/program.js";
import type { Outputs, Session } from "../session.js";
import type { NamedTensors, TensorLike } from "../tensor.js";
import type { InputDeclaration } from "../data/match-inputs.js";
import type { TrainingSession } from "./training-session.js";

export interface SectionOptions {
  /** The train section's name. */
  readonly section: string;
  /** Changes when what is computed changes; see TrainingSession. */
  readonly identity: string;
  /** Weights to begin a new run with, instead of drawn ones. */
  readonly weights?: LoadOptions & { readonly tensors: NamedTensors<TensorLike> };
}

/** Throws a UserError when the session's program cannot make steps of the section. */
export function sectionSession(session: Session, options: SectionOptions): TrainingSession {
  const { section, identity, weights } = options;
  const steps = stepsOf(session.program.entryPoints, section);
  const [first] = steps;
  if (first === undefined) throw new UserError(`the program was made without the steps of ${section}`);
  const losses = steps.map((entryPoint) => lossName(entryPoint, steps.length > 1));
  const evaluation = session.program.entryPoints.find(
    ({ kind, of }) => kind === "evaluate" && of === section,
  );
  const metrics = (evaluation?.outputs ?? []).map(({ name }) => name);
  return {
    section,
    identity,
    losses,
    metrics,
    inputs: first.inputs.map(declarationOf),
    initialize: async ({ seed, steps: runSteps, epochSteps }) => {
      await session.initialize(seed);
      if (weights !== undefined) await session.load(weights.tensors, weights);
      session.setRun({ steps: runSteps, epochSteps });
    },
    step: async (inputs, step) => {
      const results: number[] = [];
      for (const entryPoint of steps) {
        const { loss } = await session.step(`${section}.${entryPoint.step ?? ""}`, inputs, { step });
        results.push(loss);
      }
      return results;
    },
    evaluate: async (inputs) => {
      const outputs = await session.evaluate(inputs, { section });
      return metrics.map((name) => scalarOf(outputs, name));
    },
    state: async () => (await session.state()).buffers,
    restore: async (buffers, { seed, steps: runSteps, epochSteps }) => {
      await session.restore({ buffers, seed, stepCounts: new Map() });
      session.setRun({ steps: runSteps, epochSteps });
    },
    weights: () => session.weights(),
  };
}

/** One entry point per step of the section, in order; batch sizes beyond the first are left out. */
function stepsOf(entryPoints: readonly EntryPoint[], section: string): readonly EntryPoint[] {
  const byName = new Map<string, EntryPoint>();
  for (const entryPoint of entryPoints) {
    if (entryPoint.kind !== "step" || entryPoint.of !== section) continue;
    const name = entryPoint.step ?? "";
    if (!byName.has(name)) byName.set(name, entryPoint);
  }
  return [...byName.values()];
}

/** As evaluations call it: with the step's name where there are several. */
function lossName({ step, outputs }: EntryPoint, areSeveral: boolean): string {
  const name = outputs[0]?.name ?? "loss";
  return areSeveral ? `${step ?? ""}.${name}` : name;
}

function declarationOf({ name, dataType, shape, limit }: TensorBinding): InputDeclaration {
  return { name, dataType, shape: shape.slice(1), limit };
}

function scalarOf(outputs: Outputs, name: string): number {
  return outputs[name]?.data[0] ?? NaN;
}
