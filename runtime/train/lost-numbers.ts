/**
 * Stops a run whose numbers are lost: what is not finite never becomes finite again, and a
 * checkpoint of it would replace a good one.
 */
import { UserError } from "../program/user-error.js";
import type { Diagnosis } from "./divergence.js";
import type { NamedWeights } from "./snapshots.js";

const advice =
  "Usually the learning rate is too high: divide it by 10, warm it up (warmup(rate, 100)), or set clip_norm=1.";

/** The index of the first loss that is not finite; -1 when all are. */
export function firstLost(losses: readonly number[]): number {
  return losses.findIndex((loss) => !Number.isFinite(loss));
}

/**
 * What is said of a loss that is not finite; `step` and `epoch` count from 0.
 * @param saved whether a checkpoint holds everything from before the step
 */
export function lossError(
  name: string,
  loss: number,
  { step, epoch }: { readonly step: number; readonly epoch: number },
  diagnosis: Diagnosis | null,
  saved: boolean,
): UserError {
  const what = Number.isNaN(loss) ? "not a number (NaN)" : "infinite";
  const whose = name === "loss" ? "the loss" : `the loss ${name}`;
  const where = diagnosis === null ? "" : `: ${diagnosis.message}`;
  const kept = saved
    ? "\nThat step changed nothing: the last checkpoint holds the weights from before it."
    : "";
  return new UserError(
    `${whose} is ${what} at step ${step + 1}, in epoch ${epoch + 1}${where}`,
    (diagnosis?.advice ?? advice) + kept,
  );
}

/** What is wrong with weights that are not finite, after so many steps; null for good ones. */
export function checkWeights(weights: NamedWeights, steps: number): UserError | null {
  for (const [name, { data }] of weights) {
    if (data.every(Number.isFinite)) continue;
    return new UserError(`${name} holds numbers that are not finite after step ${steps}`, advice);
  }
  return null;
}
