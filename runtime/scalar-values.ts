/** What a call reads besides tensors: learning rates, by their schedules. */
import { evaluateScalar } from "./program/evaluate-expression.js";
import type { ScalarVariable } from "./program/expression.js";
import { rateScalar, type ScalarBinding } from "./program/program.js";
import { UserError } from "./program/user-error.js";

/**
 * An entry point's scalars, computed in float64.
 * @param rateAt takes over the learning rate, given the step and what its schedule says
 * @throws UserError when one is not a number, as a schedule over a run of unknown length
 */
export function scalarValues(
  scalars: readonly ScalarBinding[],
  variables: Readonly<Record<ScalarVariable, number>>,
  rateAt?: (step: number, rate: number) => number,
): number[] {
  return scalars.map(({ name, expression }) => {
    const scheduled = evaluateScalar(expression, variables);
    const value = name === rateScalar && rateAt ? rateAt(variables.step, scheduled) : scheduled;
    if (!Number.isFinite(value)) {
      throw new UserError(
        `\`${name}\` is ${String(value)} at step ${String(variables.step)} of ${String(variables.steps)}`,
        "Say how long the run is, and look at the schedule of the learning rate.",
      );
    }
    return value;
  });
}
