/** The record of a run: what was run on what, and what came of it. */
import { formatBatchShape } from "../../runtime/data/dataset.js";
import type { MatchedData } from "../../runtime/data/match-inputs.js";
import type {
  NamedPoints,
  NetRecord,
  PictureRecord,
  PredictionRecord,
  RunRecord,
} from "../../runtime/inspect/report/run-record.js";
import { rateCurve } from "../../runtime/inspect/schedule-svg.js";
import type { TrainResult } from "../../runtime/train/events.js";
import type { FolderRun } from "../../runtime/train/node-run-folder.js";
import { smooth, thinOut } from "../../runtime/chart/smooth.js";
import type { Model, NetModel, TrainModel } from "../check/model.js";
import { describeNet } from "../describe/net.js";
import { describeSchedules } from "../describe/schedule.js";
import { findNet } from "../entry-points.js";
import { type Command, type ParsedOptions } from "./command.js";

/** What is known before the first step. */
export interface RunFacts {
  readonly model: Model;
  readonly section: TrainModel;
  readonly data: MatchedData;
  /** The source file, as it was named. */
  readonly file: string;
  /** The data, as they were named. */
  readonly dataName: string;
  readonly settings: RunRecord["settings"];
}

/** Points of a loss's curve: as many as can be told apart. */
const mostPoints = 300;

/** Options that say nothing of what is computed. */
const otherOptions = [
  "train",
  "data",
  "out",
  "resume",
  "overwrite",
  "threads",
  "json",
  "samples",
  "sample-count",
];

/** The options that were given, and the settings that were taken by default. */
export function settingsOf(
  command: Pick<Command, "options">,
  options: ParsedOptions,
  defaults: Readonly<Record<string, number>>,
): RunRecord["settings"] {
  return command.options
    .filter(({ name }) => !otherOptions.includes(name))
    .flatMap(({ name, value: takesValue }) => {
      const given = options.list(name);
      const fallback = defaults[name];
      if (given.length > 0) return [{ name, value: takesValue === undefined ? "yes" : given.join(", ") }];
      return fallback === undefined ? [] : [{ name, value: String(fallback) }];
    });
}

export function recordOf(
  { model, section, data, file, dataName, settings }: RunFacts,
  { result }: FolderRun,
  seen: { readonly predictions: PredictionRecord | null; readonly pictures: readonly PictureRecord[] },
): RunRecord {
  const { plan, epochs } = result;
  const splits = [data.train, data.validation, data.test].filter((split) => split !== null);
  const nets = [...new Set(section.parameters.map(({ net }) => net))].map((name) => findNet(model, name));
  return {
    format: "tulle-run",
    version: 1,
    file,
    section: section.name,
    settings,
    data: {
      name: dataName,
      splits: splits.map(({ name, count }) => ({ name, examples: count })),
      inputs: data.train.columns.map(({ input: { name, shape } }) => ({
        name,
        shape: formatBatchShape(shape),
      })),
    },
    nets: nets.map(netRecord),
    isFinished: result.isFinished,
    steps: result.step,
    stepsPerEpoch: plan.stepsPerEpoch,
    measuredOn: plan.validationOn,
    losses: plan.losses,
    metrics: plan.metrics,
    epochs: epochs.map(({ epoch, losses, metrics }) => ({
      epoch,
      losses: losses.map(finiteOrNull),
      metrics: metrics.map(finiteOrNull),
    })),
    curves: lossCurves(result),
    schedules: describeSchedules(section, { steps: plan.steps, epochSteps: plan.stepsPerEpoch }).map(
      ({ step, rates }, _, { length }) => recordPoints(rateCurve(length === 1 ? "rate" : step, rates)),
    ),
    predictions: seen.predictions,
    pictures: seen.pictures,
  };
}

/** The losses of all steps, smoothed as the learning curves are. */
function lossCurves({ plan, stepLosses }: TrainResult): readonly NamedPoints[] {
  const width = plan.losses.length;
  return plan.losses.map((name, column) => {
    const values = Float32Array.from(
      { length: stepLosses.length / width },
      (_, i) => stepLosses[i * width + column]!,
    );
    const smoothed = smooth(values, Math.min(100, Math.max(5, plan.steps / 50)));
    return recordPoints({
      name,
      points: thinOut(smoothed, mostPoints).map(({ at, value }) => [at + 1, value]),
    });
  });
}

/** Six digits are more than a drawing shows. */
function recordPoints({
  name,
  points,
}: {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}): NamedPoints {
  return { name, points: points.map(([x, y]) => [x, finiteOrNull(Number(y.toPrecision(6)))]) };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function netRecord(net: NetModel): NetRecord {
  const { name, documentation, inputs, layers, parameterCount } = describeNet(net);
  return {
    name,
    documentation: documentation.slice(0, 2000),
    inputs: inputs.map((input) => `${input.name}[${input.shape.join(", ")}]`).join(", "),
    parameters: parameterCount,
    layers: layers.map((layer) => ({
      name: layer.name,
      kind: layer.kind,
      shape: `[${layer.shape.join(", ")}]`,
      parameters: layer.parameters,
    })),
  };
}
