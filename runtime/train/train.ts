/**
 * The training loop: epochs of shuffled batches, losses, validation, checkpoints.
 *
 * Invariant: results depend on session, data, epochs, batch and seed alone. The clock
 * decides when a checkpoint is taken and when the loop lets others run, nothing else;
 * a run that is killed and resumed ends with the same bits as one that was not.
 */
import { batchesPerEpoch, createBatchReader, shuffledOrder } from "../data/batches.js";
import type { MatchedData } from "../data/match-inputs.js";
import { UserError } from "../program/user-error.js";
import { createCheckpointSchedule, type CheckpointTimes } from "./checkpoint-schedule.js";
import { createCheckpointWriter, findResumePoint, type CheckpointStore } from "./checkpoint-slots.js";
import type { RunPlan, TrainEvent, TrainResult } from "./events.js";
import { createLossHistory } from "./loss-history.js";
import { createPauses } from "./pauses.js";
import { afterEpoch, afterStep, initialProgress, meanLosses } from "./progress-state.js";
import { identifyRun } from "./run-identity.js";
import type { RunLength, TrainingSession } from "./training-session.js";
import { validate } from "./validate.js";

export interface TrainOptions {
  readonly session: TrainingSession;
  readonly data: MatchedData;
  readonly epochs: number;
  readonly batch: number;
  /** An integer in [0, 2^32). */
  readonly seed: number;
  /** Where checkpoints go; without it none are taken. */
  readonly checkpoints?: CheckpointStore;
  readonly checkpointTimes?: CheckpointTimes;
  /** Go on from the newest checkpoint, if there is one. Otherwise old ones are removed. */
  readonly resume?: boolean;
  /** Stops the run after the step under way, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Milliseconds; `performance.now` unless given. */
  readonly clock?: () => number;
}

/**
 * Trains, yielding what happens; the generator's return value is the result.
 * Throws a UserError when a loss is not finite, or a checkpoint cannot be resumed.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult> {
  const { session, data, epochs, batch, seed, signal } = options;
  const clock = options.clock ?? (() => performance.now());
  checkSettings(options);
  const plan = planRun(options);
  const run: RunLength = { seed, steps: plan.steps, epochSteps: plan.stepsPerEpoch };
  const identity = identifyRun(session, data, options);

  const resumed = await openCheckpoints(options, identity);
  let progress = resumed.checkpoint?.progress ?? initialProgress(session.losses.length);
  const history = createLossHistory(session.losses, resumed.checkpoint?.stepLosses);
  if (resumed.checkpoint === null) await session.initialize(run);
  else await session.restore(resumed.checkpoint.state, run);

  const schedule = createCheckpointSchedule(clock, options.checkpointTimes);
  let saved = resumed.checkpoint?.progress ?? null;
  const save = async (): Promise<void> => {
    const state = await session.state();
    await resumed.writer?.save({ run: identity, progress, stepLosses: history.values(), state });
    saved = progress;
    schedule.saved(progress.step);
  };
  const isStopped = (): boolean => signal?.aborted === true;
  const pause = createPauses(clock);
  const read = createBatchReader(data.train, batch);
  const notes = [...data.notes, ...resumed.notes];
  yield { kind: "start", plan, resumedAt: resumed.checkpoint?.progress.step ?? null, notes };

  schedule.begin(progress.step);
  while (progress.epoch < epochs && !isStopped()) {
    const order = shuffledOrder(data.train.count, seed, progress.epoch);
    while (progress.batchInEpoch < plan.stepsPerEpoch && !isStopped()) {
      await pause();
      const { size, inputs } = read(order, progress.batchInEpoch);
      const losses = await session.step(inputs, progress.step);
      checkLosses(session.losses, losses, progress.step, progress.epoch);
      progress = afterStep(progress, losses, size);
      history.push(losses);
      const { step } = progress;
      const epoch = progress.epoch + 1;
      yield { kind: "step", step, epoch, examples: size, losses, meanLosses: meanLosses(progress) };
      if (resumed.writer !== null && schedule.isDue(step)) {
        yield { kind: "checkpoint", step };
        await save();
      }
    }
    if (progress.batchInEpoch < plan.stepsPerEpoch) break;
    yield { kind: "validating", epoch: progress.epoch + 1 };
    progress = afterEpoch(progress, await validate(session, data.test ?? data.train, batch, pause));
    yield { kind: "epoch", result: progress.epochs.at(-1)!, step: progress.step };
  }
  if (resumed.writer !== null && saved !== progress) await save();
  return {
    plan,
    isFinished: progress.epoch === epochs,
    step: progress.step,
    epochs: progress.epochs,
    stepLosses: history.values(),
  };
}

/** What a run will be, before anything is computed. */
export function planRun({
  session,
  data,
  epochs,
  batch,
}: Pick<TrainOptions, "session" | "data" | "epochs" | "batch">): RunPlan {
  const stepsPerEpoch = batchesPerEpoch(data.train.count, batch);
  return {
    section: session.section,
    losses: session.losses,
    metrics: session.metrics,
    epochs,
    batch,
    stepsPerEpoch,
    steps: epochs * stepsPerEpoch,
    unit: session.inputs.some(({ shape }) => shape.length >= 3) ? "images" : "examples",
    trainExamples: data.train.count,
    validationExamples: (data.test ?? data.train).count,
    validationOn: data.test === null ? "train" : "test",
  };
}

async function openCheckpoints(options: TrainOptions, identity: ReturnType<typeof identifyRun>) {
  const { checkpoints: store, resume = false } = options;
  if (store === undefined) return { checkpoint: null, writer: null, notes: [] };
  if (!resume) {
    await store.clear();
    return { checkpoint: null, writer: createCheckpointWriter(store, 0), notes: [] };
  }
  const { checkpoint, next, notes } = await findResumePoint(store, identity);
  return { checkpoint, writer: createCheckpointWriter(store, next), notes };
}

function checkSettings({ epochs, batch, seed }: TrainOptions): void {
  const check = (name: string, value: number, low: number, high: number): void => {
    if (Number.isInteger(value) && value >= low && value <= high) return;
    throw new UserError(`${name} should be a whole number from ${low} to ${high}, and is ${value}`);
  };
  check("epochs", epochs, 1, 1e9);
  check("batch", batch, 1, 1e9);
  check("seed", seed, 0, 2 ** 32 - 1);
}

function checkLosses(names: readonly string[], losses: readonly number[], step: number, epoch: number): void {
  const at = losses.findIndex((loss) => !Number.isFinite(loss));
  if (at < 0) return;
  const what = Number.isNaN(losses[at]) ? "not a number (NaN)" : "infinite";
  const name = names[at] === "loss" ? "the loss" : `the loss ${names[at] ?? ""}`;
  throw new UserError(
    `${name} is ${what} at step ${step + 1}, in epoch ${epoch + 1}`,
    "Usually the learning rate is too high: divide it by 10, warm it up (warmup(rate, 100)), or set clip_norm=1.",
  );
}
