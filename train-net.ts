/**
 * Training in one call: a `.net` text and a data set in, events on the way, weights out. The
 * only place outside of the command line where the compiler and the runtime meet.
 *
 *   const training = trainNet(source, { data: drawnDigits(), epochs: 5 });
 *   for await (const event of training) if (event.kind === "epoch") console.log(event.result);
 *   const { weights } = await training.finish();
 */
import { checkSource, type CheckOptions } from "./compiler/compile.js";
import { compileSection } from "./compiler/compile-section.js";
import type { Model, TrainModel } from "./compiler/check/model.js";
import { declarationsOf } from "./compiler/cli/inputs.js";
import { renderDiagnostic } from "./compiler/diagnostics/render.js";
import { batchSizes } from "./runtime/data/batches.js";
import type { Dataset } from "./runtime/data/dataset.js";
import { matchInputs } from "./runtime/data/match-inputs.js";
import type { Program } from "./runtime/program/program.js";
import { UserError } from "./runtime/program/user-error.js";
import { createSession } from "./runtime/session.js";
import type { NamedTensors, Tensor, TensorLike } from "./runtime/tensor.js";
import type { TrainEvent, TrainResult } from "./runtime/train/events.js";
import { measuredSplit } from "./runtime/train/plan-run.js";
import { textFingerprint } from "./runtime/train/run-identity.js";
import { sectionSession } from "./runtime/train/section-session.js";
import {
  bestName,
  createMemorySnapshots,
  rememberUnwritten,
  snapshotName,
} from "./runtime/train/snapshots.js";
import type { NamedWeights, SnapshotStore } from "./runtime/train/snapshots.js";
import { train } from "./runtime/train/train.js";
import type { TrainOptions } from "./runtime/train/train-options.js";

/** What `train` takes, without what follows from the source, and what compiling needs. */
export interface TrainNetOptions
  extends
    Omit<TrainOptions, "session" | "data" | "epochs" | "batch" | "seed" | "facts">,
    Omit<CheckOptions, "root"> {
  /** The train section; may be left out when the file has only one. */
  readonly section?: string;
  /** Of `datasetOf`, `readDataset`, `drawnDigits`. */
  readonly data: Dataset;
  /** Passes over the training data; 5 by default. */
  readonly epochs?: number;
  /** Examples per step; 32 by default. */
  readonly batch?: number;
  /** Where all random numbers come from: an integer in [0, 2^32); 0 by default. */
  readonly seed?: number;
  /** How many threads compute; 1 by default. Results are the same for any number. */
  readonly threads?: number;
  /** What computes: "cpu" by default. */
  readonly backend?: Program["target"];
  /** Where WebGPU is looked for; by default where everybody has it. */
  readonly gpu?: GPU;
  /** Numbers for size variables other than N. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Weights to begin with, by name, instead of drawn ones. */
  readonly weights?: NamedTensors<TensorLike>;
  /** Whether only some parameters need be among `weights`, as for a new head; false by default. */
  readonly partial?: boolean;
}

/** A run: its events, one after the other, and what it comes to. */
export interface Training extends AsyncIterable<TrainEvent> {
  /**
   * Runs what is left and gives the result. A loop over the events that was left early goes on
   * here unwatched; `signal` is what stops a run. Rejects with a UserError when a loss is not
   * finite, or data, weights or checkpoints do not fit.
   */
  readonly finish: () => Promise<TrainedNet>;
}

export interface TrainedNet {
  readonly result: TrainResult;
  /** Of the best epoch where one was looked for, else the last; by the names of a weights file. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** As many as were asked for, in order; fewer when the run was stopped. */
  readonly snapshots: readonly NamedWeights[];
}

/**
 * Compiles a train section and trains it on the data. Nothing is computed before the first
 * event, or `finish`, is asked for.
 * @throws UserError for a source with errors, a section that is not there, data that do not fit
 */
export function trainNet(source: string, options: TrainNetOptions): Training {
  const events = runNet(checkSection(source, options), options);
  let outcome: Promise<TrainedNet> | null = null;
  const next = async (): Promise<IteratorResult<TrainEvent, undefined>> => {
    try {
      const step = await events.next();
      if (step.done !== true) return step;
      outcome ??= Promise.resolve(step.value);
      return { done: true, value: undefined };
    } catch (error) {
      // A generator that has thrown is done; whoever asks for the result later is told again.
      outcome ??= Promise.reject(error);
      outcome.catch(() => undefined);
      throw error;
    }
  };
  return {
    // Without `return`, so that leaving the loop does not end the run.
    [Symbol.asyncIterator]: () => ({ next }),
    finish: async () => {
      while (outcome === null) await next();
      return outcome;
    },
  };
}

async function* runNet(
  { model, section }: CheckedSection,
  options: TrainNetOptions,
): AsyncGenerator<TrainEvent, TrainedNet> {
  const { epochs = 5, batch = 32, seed = 0, threads = 1, weights, partial = false } = options;
  const snapshotStore = rememberUnwritten(options.snapshotStore ?? createMemorySnapshots());
  const data = matchInputs(declarationsOf(section, options.sizes ?? {}), options.data);
  const { program, text } = compileSection(model, {
    section: section.name,
    trainBatches: batchSizes(data.train.count, batch),
    measuredBatches: batchSizes(measuredSplit(data).count, batch),
    accumulate: options.accumulate ?? 1,
    threads,
    target: options.backend ?? "cpu",
    sizes: options.sizes ?? {},
  });
  const session = await createSession(program, {
    threads,
    seed,
    ...(options.gpu === undefined ? {} : { gpu: options.gpu }),
  });
  try {
    const trained = sectionSession(session, {
      section: section.name,
      identity: textFingerprint(text),
      ...(weights === undefined ? {} : { weights: { tensors: weights, partial } }),
    });
    const result = yield* train({ ...options, session: trained, data, epochs, batch, seed, snapshotStore });
    const best = result.best === null ? null : await snapshotStore.read(bestName);
    return {
      result,
      weights: best ?? (await session.weights()),
      snapshots: await readSnapshots(result, snapshotStore),
    };
  } finally {
    session.dispose();
  }
}

async function readSnapshots(
  { plan, step }: TrainResult,
  store: SnapshotStore,
): Promise<readonly NamedWeights[]> {
  const taken = plan.snapshotSteps.filter((at) => at <= step);
  const read = await Promise.all(taken.map((_, index) => store.read(snapshotName(index + 1))));
  return read.filter((weights) => weights !== null);
}

interface CheckedSection {
  readonly model: Model;
  readonly section: TrainModel;
}

function checkSection(source: string, options: TrainNetOptions): CheckedSection {
  const { model, diagnostics } = checkSource(source, options);
  if (model === null) {
    const textOf = (file: string) =>
      file === (options.file ?? "input.net") ? source : (options.readFile?.(file) ?? null);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    throw new UserError(errors.map((error) => renderDiagnostic(error, textOf, { color: false })).join("\n"));
  }
  return { model, section: chooseSection(model, options.section) };
}

function chooseSection(model: Model, name: string | undefined): TrainModel {
  const [only, ...others] = model.sections;
  const names = model.sections.map((section) => section.name).join(", ");
  if (only === undefined) throw new UserError("the source has no train section");
  if (name === undefined && others.length === 0) return only;
  const found = model.sections.find((section) => section.name === name);
  if (found !== undefined) return found;
  throw new UserError(
    name === undefined
      ? `the source has the sections ${names}: say which with \`section\``
      : `there is no train section \`${name}\`; there are ${names}`,
  );
}
