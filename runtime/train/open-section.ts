/** A session's train section as the training loop sees it: all steps of a batch at once. */
import { crc32 } from "../files/crc32.js";
import type { EntryPoint, Program } from "../program/program.js";
import { UserError } from "../program/user-error.js";
import { type Session, stepKey } from "../session.js";
import type { BatchInputs } from "../data/batches.js";
import type { InputDeclaration } from "../data/match-inputs.js";
import type { RunLength, TrainingSession } from "./training-session.js";

/** Throws a UserError when the program has no steps of this section. */
export function openSection(session: Session, section: string): TrainingSession {
  const { program } = session;
  const entryPoints = program.entryPoints.filter(({ of }) => of === section);
  const steps = firstOfEach(entryPoints.filter(({ kind }) => kind === "step"));
  const [evaluation] = entryPoints.filter(({ kind }) => kind === "evaluate");
  if (steps.length === 0) throw new UserError(`the program was not made to train \`${section}\``);
  const setRun = ({ steps: length, epochSteps }: RunLength): void => {
    session.setRun({ steps: length, epochSteps });
  };
  return {
    section,
    inputs: inputsOf(evaluation === undefined ? steps : [...steps, evaluation]),
    losses: steps.map((entry) =>
      steps.length === 1 ? lossOf(entry) : `${entry.step ?? ""}.${lossOf(entry)}`,
    ),
    metrics: evaluation?.outputs.map(({ name }) => name) ?? [],
    identity: identityOf(program, section),
    initialize: async (run) => {
      setRun(run);
      await session.initialize(run.seed);
    },
    step: async (inputs, step) => {
      const losses: number[] = [];
      for (const entry of steps) {
        const { loss } = await session.step(stepKey(entry), only(inputs, entry), { step });
        losses.push(loss);
      }
      return losses;
    },
    evaluate: async (inputs) => {
      if (evaluation === undefined) return [];
      const outputs = await session.evaluate(only(inputs, evaluation), { section });
      return Object.values(outputs).map(({ data }) => data[0]!);
    },
    state: async () => (await session.state()).buffers,
    restore: async (buffers, run) => {
      setRun(run);
      // The loop itself counts the steps.
      await session.restore({ buffers, seed: run.seed, stepCounts: new Map() });
    },
    weights: () => session.weights(),
  };
}

/** The specialization that stands for all of them, of each step. */
function firstOfEach(entryPoints: readonly EntryPoint[]): EntryPoint[] {
  const first = new Map<string, EntryPoint>();
  for (const entry of entryPoints) if (!first.has(stepKey(entry))) first.set(stepKey(entry), entry);
  return [...first.values()];
}

function lossOf({ outputs }: EntryPoint): string {
  return outputs[0]?.name ?? "loss";
}

/** Inputs of any of them, without their batch axis. */
function inputsOf(entryPoints: readonly EntryPoint[]): InputDeclaration[] {
  const inputs = new Map<string, InputDeclaration>();
  for (const { name, dataType, shape, limit } of entryPoints.flatMap((entry) => entry.inputs)) {
    inputs.set(name, { name, dataType, shape: shape.slice(1), limit });
  }
  return [...inputs.values()];
}

/** The inputs that an entry point takes: a step need not use all of its section's. */
function only(inputs: BatchInputs, { inputs: bindings }: EntryPoint): BatchInputs {
  return Object.fromEntries(
    bindings.flatMap(({ name }) => (Object.hasOwn(inputs, name) ? [[name, inputs[name]!]] : [])),
  );
}

/** What is saved and how each step computes, without addresses: those may change between versions. */
function identityOf({ buffers, entryPoints }: Program, section: string): string {
  const saved = buffers
    .filter(({ role }) => role !== "prepared")
    .map(({ name, role, shape }) => [name, role, ...shape]);
  const computed = entryPoints
    .filter(({ kind, of }) => kind === "step" && of === section)
    .map(({ step, batch, calls, scalars }) => [
      step,
      batch,
      calls.map(({ description, flops }) => [description, flops]),
      scalars.map(({ name, expression }) => [name, expression]),
    ]);
  const text = JSON.stringify([saved, computed]);
  return crc32(new TextEncoder().encode(text)).toString(16).padStart(8, "0");
}
