/** Which net or train section a command means when the file has one or several. */
import type { Model, NetModel, TrainModel } from "../check/model.js";
import { findNet, findSection } from "../entry-points.js";
import { UserError } from "../../runtime/program/user-error.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";

export const netOption: OptionDefinition = {
  name: "net",
  value: "NAME",
  summary: "the net, when the file has several",
};

export const trainOption: OptionDefinition = {
  name: "train",
  value: "NAME",
  summary: "the train section, when the file has several",
};

export function chooseNet(model: Model, options: ParsedOptions): NetModel {
  return choose(model.nets, options.text("net"), "net", (name) => findNet(model, name));
}

export function chooseSection(model: Model, options: ParsedOptions): TrainModel {
  return choose(model.sections, options.text("train"), "train", (name) => findSection(model, name));
}

/** The net of this name, which an option of the command named. */
export function chooseNamedNet(model: Model, name: string): NetModel {
  return choose(model.nets, name, "net", (given) => findNet(model, given));
}

const nothingToChoose = {
  net: {
    problem: "the file has no net",
    advice: "Write one: net Name: x[N, 4] -> [N, 2] { x -> dense(2) }",
  },
  train: {
    problem: "the file has no train section",
    advice: "Write one, with its inputs: train name { input ... minimize loss with adam(lr=1e-3) }",
  },
} as const;

function choose<T extends { readonly name: string }>(
  present: readonly T[],
  name: string | null,
  option: "net" | "train",
  find: (name: string) => T,
): T {
  if (name !== null) {
    try {
      return find(name);
    } catch (error) {
      throw error instanceof RangeError ? new UserError(error.message) : error;
    }
  }
  const [only, second] = present;
  if (only === undefined) {
    const { problem, advice } = nothingToChoose[option];
    throw new UserError(problem, advice);
  }
  if (second !== undefined) {
    const names = present.map((candidate) => candidate.name).join(", ");
    throw new UsageError(`the file has ${names}; say which with --${option} NAME`);
  }
  return only;
}
