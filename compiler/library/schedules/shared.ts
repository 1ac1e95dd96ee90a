/** What schedules share: the length of a run and how far it has come. */
import * as scalar from "../expressions.js";
import type { Expression } from "../../../runtime/program/expression.js";
import { optionalNumber, textOf } from "../read-settings.js";
import type { SettingDefinition, SettingValues } from "../settings.js";

export const step = scalar.variable("step");

export function rateSetting(name: string, documentation: string): SettingDefinition {
  return { name, type: "rate", documentation };
}

/** How long a schedule takes: `steps=`, `epochs=`, or the whole run. */
export const lengthSettings: readonly SettingDefinition[] = [
  {
    name: "steps",
    type: "integer",
    default: null,
    minimum: 1,
    documentation: "How many steps it takes; by default those of the run.",
  },
  {
    name: "epochs",
    type: "float",
    default: null,
    minimum: 0,
    documentation: "How many epochs it takes, instead of `steps`.",
  },
];

/** Whether a duration counts steps or epochs. */
export const unitSetting: SettingDefinition = {
  name: "unit",
  type: "choice",
  choices: ["steps", "epochs"],
  default: "steps",
  documentation: "What durations count.",
};

/** The number of steps of a schedule, at least 1. */
export function lengthOf(settings: SettingValues): Expression {
  const steps = optionalNumber(settings, "steps");
  if (steps !== null) return scalar.constant(steps);
  const epochs = optionalNumber(settings, "epochs");
  const length =
    epochs === null ? scalar.variable("steps") : scalar.multiply(epochs, scalar.variable("epoch_steps"));
  return scalar.maximum(length, 1);
}

/** A duration in steps, at least 1, by the setting `unit`. */
export function durationOf(settings: SettingValues, duration: number): Expression {
  if (textOf(settings, "unit") === "steps") return scalar.constant(Math.max(1, duration));
  return scalar.maximum(scalar.multiply(duration, scalar.variable("epoch_steps")), 1);
}

/** How far the run has come through the schedule: from 0 to 1, where it stays. */
export function progressOf(settings: SettingValues): Expression {
  return scalar.minimum(scalar.divide(step, lengthOf(settings)), 1);
}

/** From `start` at position 0 to `end` at position 1 along half a cosine. */
export function cosineBetween(start: Expression, end: Expression, position: Expression): Expression {
  const fall = scalar.multiply(0.5, scalar.add(1, scalar.cos(scalar.multiply(Math.PI, position))));
  return scalar.add(end, scalar.multiply(scalar.subtract(start, end), fall));
}
