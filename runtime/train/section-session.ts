/** A train section of a session, as the training loop wants it. */
import type { LoadOptions } from "../weights.js";
import { dependsOn } from "../program/depends-on.js";
import { givenInputs } from "../program/given-inputs.js";
import { UserError } from "../program/user-error.js";
import type { EntryPoint, TensorBinding } from "../program/program.js";
import type { Outputs, Session } from "../session.js";
import type { NamedTensors, TensorLike } from "../tensor.js";
import type { BatchInputs } from "../data/batches.js";
import type { InputDeclaration } from "../data/match-inputs.js";
import type { RunLength, TrainingSession } from "./training-session.js";

export interface SectionOptions {
  /** The train section's name. */
  readonly section: string;
  /** Changes when what is computed changes; see TrainingSession. */
  readonly identity: string;
  /** Weights to begin a new run with, instead of drawn ones. */
  readonly weights?: LoadOptions & { readonly tensors: NamedTensors<TensorLike> };
  /** Takes over the learning rate: see the session's `setRun`. */
  readonly rateAt?: (step: number, rate: number) => number;
}

/** Throws a UserError when the session's program cannot make steps of the section. */
export function sectionSession(session: Session, options: SectionOptions): TrainingSession {
  const { section, identity, weights, rateAt } = options;
  const steps = stepsOf(session.program.entryPoints, section);
  const [first] = steps;
  if (first === undefined) throw new UserError(`the program was made without the steps of ${section}`);
  const losses = steps.map((entryPoint) => lossName(entryPoint, steps.length > 1));
  const evaluation = session.program.entryPoints.find(
    ({ kind, of }) => kind === "evaluate" && of === section,
  );
  const metrics = (evaluation?.outputs ?? []).map(({ name }) => name);
  const setRun = ({ steps: runSteps, epochSteps }: RunLength): void => {
    session.setRun({ steps: runSteps, epochSteps, ...(rateAt === undefined ? {} : { rateAt }) });
  };
  const nameOf = ({ step }: EntryPoint): string => `${section}.${step ?? ""}`;
  const accumulates = session.program.entryPoints.some(
    ({ kind, of }) => kind === "accumulate" && of === section,
  );
  return {
    section,
    identity,
    losses,
    metrics,
    inputs: givenInputs(session.program, first).map(declarationOf),
    dependsOnLength: steps.some(({ scalars }) =>
      scalars.some(({ expression }) => dependsOn(expression, "steps")),
    ),
    initialize: async (run) => {
      await session.initialize(run.seed);
      if (weights !== undefined) await session.load(weights.tensors, weights);
      setRun(run);
    },
    step: async (inputs, step, draw = step) => {
      const results = steps.map(() => NaN);
      for (const [index, entryPoint] of steps.entries()) {
        const { loss } = await session.step(nameOf(entryPoint), inputs, { step, draw });
        results[index] = loss;
        // The state stays that from before the step that went wrong.
        if (!Number.isFinite(loss)) break;
      }
      return results;
    },
    ...(accumulates && steps.length === 1
      ? {
          accumulate: async (inputs: BatchInputs, step: number, draw: number) => [
            (await session.accumulate(nameOf(first), inputs, { step, draw })).loss,
          ],
        }
      : {}),
    evaluate: async (inputs) => {
      const outputs = await session.evaluate(inputs, { section });
      return metrics.map((name) => scalarOf(outputs, name));
    },
    state: async () => (await session.state()).buffers,
    restore: async (buffers, run) => {
      await session.restore({ buffers, seed: run.seed, stepCounts: new Map(), drawCounts: new Map() });
      setRun(run);
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
