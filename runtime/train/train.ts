/**
 * The training loop: epochs of shuffled batches, losses, validation, checkpoints.
 *
 * Invariant: results depend on session, data, epochs, batch and seed alone. The clock
 * decides when a checkpoint is taken and when the loop lets others run, nothing else;
 * a run that is killed and resumed ends with the same bits as one that was not.
 */
import { type BatchInputs, createBatchReader, shuffledOrder } from "../data/batches.js";
import type { UserError } from "../program/user-error.js";
import { accumulationNotes, checkAccumulation, placeOf, updatesPerEpoch } from "./accumulation.js";
import { createCheckpointSchedule } from "./checkpoint-schedule.js";
import type { TrainEvent, TrainResult } from "./events.js";
import { createLossHistory } from "./loss-history.js";
import { checkWeights, firstLost, lossError } from "./lost-numbers.js";
import { bestEpoch, lastEpochFor } from "./monitor.js";
import { createPauses } from "./pauses.js";
import { measuredSplit, planNotes, planRun } from "./plan-run.js";
import { afterEpoch, afterStep, initialProgress, meanLosses, type ProgressState } from "./progress-state.js";
import { identifyRun } from "./run-identity.js";
import { monitoredRun, openSaver } from "./save-run.js";
import { bestName, snapshotName } from "./snapshots.js";
import { checkSettings, type TrainOptions } from "./train-options.js";
import type { RunLength } from "./training-session.js";
import { validate } from "./validate.js";

/**
 * Trains, yielding what happens; the generator's return value is the result.
 * Throws a UserError when a loss is not finite, or a checkpoint cannot be resumed.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult> {
  const { session, data, batch, accumulate = 1, seed, signal } = options;
  const clock = options.clock ?? (() => performance.now());
  checkSettings(options);
  checkAccumulation(session, accumulate);
  const plan = planRun(options);
  const epochSteps = updatesPerEpoch(plan.stepsPerEpoch, accumulate);
  const run: RunLength = { seed, steps: plan.epochs * epochSteps, epochSteps };
  const saver = await openSaver(options, plan, identifyRun(session, data, { ...options, plan }));

  const resumedAt = saver.checkpoint?.progress.step ?? null;
  let progress = saver.checkpoint?.progress ?? initialProgress(session.losses.length);
  const history = createLossHistory(session.losses, saver.checkpoint?.stepLosses);
  if (saver.checkpoint === null) await session.initialize(run);
  else await session.restore(saver.checkpoint.state, run);

  const schedule = createCheckpointSchedule(clock, options.checkpointTimes);
  let saved = saver.checkpoint?.progress ?? null;
  let unsaved = null as UserError | null;
  const save = async (): Promise<UserError | null> => {
    unsaved =
      checkWeights(await session.weights(), progress.step) ??
      (await saver.save({ progress, stepLosses: history.values(), state: await session.state() }));
    if (unsaved === null) saved = progress;
    schedule.saved(progress.step);
    return unsaved;
  };
  /** What ends the run when a loss is not finite: its step changed nothing, and a checkpoint keeps that. */
  const explainLoss = async (
    loss: number,
    value: number,
    batchOf: { readonly inputs: BatchInputs; readonly order: Uint32Array; readonly update: number },
  ): Promise<UserError> => {
    const { inputs, order, update } = batchOf;
    const first = progress.batchInEpoch * batch;
    const diagnosis = await options.diagnose?.({
      loss,
      inputs,
      examples: order.subarray(first, first + batch),
      step: update,
      draw: progress.step,
      seed,
      state: await session.state(),
    });
    if (progress.step > 0 && saved !== progress) await save();
    const isKept = saver.takesCheckpoints && saved === progress;
    return lossError(session.losses[loss] ?? "", value, progress, diagnosis ?? null, isKept);
  };
  const keep = async (name: string): Promise<UserError | null> => saver.keep(name, await session.weights());
  const monitored = monitoredRun(plan);
  const lacksPatience = ({ batchInEpoch, epoch, epochs }: ProgressState): boolean =>
    monitored !== null &&
    plan.patience !== null &&
    batchInEpoch === 0 &&
    lastEpochFor(monitored, plan.patience, epochs) === epoch;
  const isStopped = (): boolean => signal?.aborted === true;
  const pause = createPauses(clock);
  const read = createBatchReader(data.train, batch);
  const notes = [...data.notes, ...planNotes(plan), ...accumulationNotes(accumulate, batch), ...saver.notes];
  yield { kind: "start", plan, resumedAt, notes };

  schedule.begin(progress.step);
  while (progress.epoch < plan.epochs && !lacksPatience(progress) && !isStopped()) {
    const order = shuffledOrder(data.train.count, seed, progress.epoch);
    while (progress.batchInEpoch < plan.stepsPerEpoch && !isStopped()) {
      await pause();
      const { size, inputs } = read(order, progress.batchInEpoch);
      const { update, endsGroup } = placeOf(progress, plan.stepsPerEpoch, accumulate);
      const make = endsGroup ? session.step : session.accumulate;
      const losses = (await make?.(inputs, update, progress.step)) ?? [];
      const lostAt = firstLost(losses);
      if (lostAt >= 0) throw await explainLoss(lostAt, losses[lostAt]!, { inputs, order, update });
      progress = afterStep(progress, losses, size);
      history.push(losses);
      const { step } = progress;
      const epoch = progress.epoch + 1;
      yield { kind: "step", step, epoch, examples: size, losses, meanLosses: meanLosses(progress) };
      const snapshot = plan.snapshotSteps.indexOf(step);
      if (snapshot >= 0) {
        const failure = await keep(snapshotName(snapshot + 1));
        if (failure !== null) yield unsavedEvent(failure, step);
      }
      if (saver.takesCheckpoints && schedule.isDue(step)) {
        yield { kind: "checkpoint", step };
        const failure = await save();
        if (failure !== null) yield unsavedEvent(failure, step);
      }
    }
    if (progress.batchInEpoch < plan.stepsPerEpoch) break;
    yield { kind: "validating", epoch: progress.epoch + 1 };
    progress = afterEpoch(progress, await validate(session, measuredSplit(data), batch, pause));
    const { step, epoch, epochs } = progress;
    const best = monitored && bestEpoch(monitored, epochs);
    const failure = best?.epoch === epoch ? await keep(bestName) : null;
    yield { kind: "epoch", result: epochs.at(-1)!, step, best };
    if (failure !== null) yield unsavedEvent(failure, step);
    if (lacksPatience(progress) && epoch < plan.epochs) yield { kind: "stopping", epoch, best };
  }
  // In between only the clock decides when they are looked at; at the end every run does.
  const lost = checkWeights(await session.weights(), progress.step);
  if (lost !== null) throw lost;
  if (saved !== progress) await save();
  const stoppedEarly = progress.epoch < plan.epochs && lacksPatience(progress);
  return {
    plan,
    isFinished: progress.epoch === plan.epochs || stoppedEarly,
    stoppedEarly,
    best: monitored && bestEpoch(monitored, progress.epochs),
    unsaved,
    step: progress.step,
    epochs: progress.epochs,
    stepLosses: history.values(),
  };
}

function unsavedEvent({ message, advice }: UserError, step: number): TrainEvent {
  return { kind: "unsaved", step, message, advice };
}
