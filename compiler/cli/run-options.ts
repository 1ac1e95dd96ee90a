/** Options of the commands that train: how long, what is kept, and when it is enough. */
import type { FolderOptions } from "../../runtime/train/node-run-folder.js";
import { firstMeasured } from "../../runtime/train/monitor.js";
import type { MetricModel, TrainModel } from "../check/model.js";
import { library } from "../library/index.js";
import { type OptionDefinition, type ParsedOptions, UsageError } from "./command.js";
import { readBatch, readSeed } from "./model-options.js";

export const epochsOption: OptionDefinition = {
  name: "epochs",
  value: "N",
  summary: "passes over the training data (default 5)",
};

export const patienceOption: OptionDefinition = {
  name: "patience",
  value: "P",
  summary: "end the run when P epochs in a row were no better than the best",
};

export const monitorOption: OptionDefinition = {
  name: "monitor",
  value: "NAME",
  summary: "the metric or loss whose best epoch is kept, :up or :down behind it (default the first metric)",
};

export const accumulateOption: OptionDefinition = {
  name: "accumulate",
  value: "K",
  summary: "update once per K batches, by the mean of their gradients: as batches of K * N, in less memory",
};

/** What can be said of any run on the command line. */
export type RunSettings = Pick<
  FolderOptions,
  "epochs" | "batch" | "accumulate" | "seed" | "monitor" | "patience"
>;

export function readRunSettings(section: TrainModel, options: ParsedOptions, monitors: boolean): RunSettings {
  const patience = options.integer("patience", 1);
  const monitor = monitors || patience !== null ? firstMeasured : null;
  const request = options.text("monitor") ?? monitor;
  return {
    epochs: options.integer("epochs", 1) ?? 5,
    batch: readBatch(options, 32),
    accumulate: readAccumulate(section, options),
    seed: readSeed(options),
    ...(request === null ? {} : { monitor: withDirection(request, section) }),
    ...(patience === null ? {} : { patience }),
  };
}

function readAccumulate({ name, steps }: TrainModel, options: ParsedOptions): number {
  const accumulate = options.integer("accumulate", 1) ?? 1;
  if (accumulate === 1 || steps.length === 1) return accumulate;
  throw new UsageError(`--accumulate is for sections with one step, and ${name} has ${String(steps.length)}`);
}

/** The metric's own word says which direction is better, whatever the metric is called. */
function withDirection(request: string, { metrics }: TrainModel): string {
  const metric =
    request === firstMeasured ? metrics[0] : metrics.find((candidate) => candidate.name === request);
  const direction = metric === undefined ? null : directionOf(metric);
  return metric === undefined || direction === null ? request : `${metric.name}:${direction}`;
}

function directionOf({ dataflow }: MetricModel): "up" | "down" | null {
  const [output] = dataflow.outputs;
  const last = dataflow.applications.find(({ outputs }) => outputs.some(({ id }) => id === output?.id));
  const definition = library.get(last?.definition ?? "");
  if (definition?.kind !== "layer") return null;
  if (definition.category === "loss" || definition.name === "error") return "down";
  return definition.category === "metric" ? "up" : null;
}

export function readKeep(options: ParsedOptions): "last" | "best" | null {
  const keep = options.text("keep");
  if (keep === null || keep === "last" || keep === "best") return keep;
  throw new UsageError(`--keep takes last or best, and \`${keep}\` is neither`);
}
