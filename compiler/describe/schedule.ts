/** The learning rate of every update of a run, as its schedule says: for plots and tables. */
import type { TrainModel } from "../check/model.js";
import { evaluateScalar } from "../../runtime/program/evaluate-expression.js";

/** The length of a run: updates in all, and per epoch. */
export interface ScheduledRun {
  readonly steps: number;
  readonly epochSteps: number;
}

/** One step's schedule over a run. */
export interface ScheduleFacts {
  /** The step's name; `step` where the section gives it none. */
  readonly step: string;
  /** The optimizer's word: `adam`. */
  readonly optimizer: string;
  /** The rate of update 0, 1, ...; not finite where a schedule goes beyond what has a value. */
  readonly rates: Float64Array;
}

/** The schedules of all steps of a section, in order. */
export function describeSchedules(section: TrainModel, run: ScheduledRun): readonly ScheduleFacts[] {
  return section.steps.map(({ name, optimizer }) => {
    const rates = Float64Array.from({ length: run.steps }, (_, step) =>
      evaluateScalar(optimizer.rate, { step, steps: run.steps, epoch_steps: run.epochSteps }),
    );
    return { step: name, optimizer: optimizer.definition, rates };
  });
}
