/** What a run will be, before anything is computed. */
import { batchesPerEpoch } from "../data/batches.js";
import type { MatchedData, MatchedSplit } from "../data/match-inputs.js";
import { UserError } from "../program/user-error.js";
import { measuredData, type RunPlan } from "./events.js";
import { chooseMonitor, firstMeasured } from "./monitor.js";
import { snapshotSteps } from "./snapshots.js";
import type { TrainOptions } from "./train-options.js";

/** The examples that are measured after every epoch: those held out for it, else the test data, else all. */
export function measuredSplit(data: MatchedData): MatchedSplit {
  return data.validation ?? data.test ?? data.train;
}

/** Throws a UserError for a monitor of something that is not measured. */
export function planRun(options: TrainOptions): RunPlan {
  const { session, data, epochs, batch, snapshots = 0 } = options;
  const stepsPerEpoch = batchesPerEpoch(data.train.count, batch);
  const steps = epochs * stepsPerEpoch;
  if (snapshots > steps) {
    throw new UserError(`${snapshots} snapshots are asked for, and the run has ${steps} steps`);
  }
  const measured = measuredSplit(data);
  const request = options.monitor ?? (options.patience === undefined ? null : firstMeasured);
  return {
    section: session.section,
    losses: session.losses,
    metrics: session.metrics,
    epochs,
    batch,
    stepsPerEpoch,
    steps,
    unit: session.inputs.some(({ shape }) => shape.length >= 3) ? "images" : "examples",
    trainExamples: data.train.count,
    validationExamples: measured.count,
    validationOn: measured.name,
    monitor: request === null ? null : chooseMonitor(session, request),
    patience: options.patience ?? null,
    snapshotSteps: snapshotSteps(snapshots, steps),
  };
}

/** What a user should know of the plan; full sentences. */
export function planNotes(plan: RunPlan): readonly string[] {
  if (plan.monitor === null || plan.validationOn === "validation") return [];
  const which = measuredData(plan);
  return [
    `The best epoch is chosen on ${which}, so its ${plan.monitor.name} there is better than on new examples ` +
      "(--validation 0.1 holds examples out for it).",
  ];
}
