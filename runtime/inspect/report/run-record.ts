/**
 * What a run leaves behind to be reported: `run.json` in its folder.
 *
 * Invariant: with the pictures it names, it is all that a report is made of; it holds no
 * times and no machine, so equal runs have equal records.
 */
import {
  count,
  finite,
  list,
  nullable,
  oneOf,
  type Reader,
  record,
  refuse,
  text,
} from "../../program/readers.js";
import { UserError } from "../../program/user-error.js";

/** Places across and values; null stands for what is no number. */
export type Points = readonly (readonly [x: number, y: number | null])[];

export interface NamedPoints {
  readonly name: string;
  readonly points: Points;
}

export interface RunRecord {
  readonly format: "tulle-run";
  readonly version: 1;
  /** The source file, as it was named. */
  readonly file: string;
  readonly section: string;
  /** What was said on the command line or taken by default, as text. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
  readonly data: {
    readonly name: string;
    readonly splits: readonly { readonly name: string; readonly examples: number }[];
    readonly inputs: readonly { readonly name: string; readonly shape: string }[];
  };
  readonly nets: readonly NetRecord[];
  readonly isFinished: boolean;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** On which examples the metrics were measured: `test`. */
  readonly measuredOn: string;
  readonly losses: readonly string[];
  readonly metrics: readonly string[];
  readonly epochs: readonly {
    readonly epoch: number;
    readonly losses: readonly (number | null)[];
    readonly metrics: readonly (number | null)[];
  }[];
  /** The losses of the steps, smoothed and thinned out. */
  readonly curves: readonly NamedPoints[];
  /** The learning rates, thinned out. */
  readonly schedules: readonly NamedPoints[];
  /** null where the section tells no classes apart. */
  readonly predictions: PredictionRecord | null;
  readonly pictures: readonly PictureRecord[];
}

export interface NetRecord {
  readonly name: string;
  readonly documentation: string;
  readonly inputs: string;
  readonly parameters: number;
  readonly layers: readonly {
    readonly name: string;
    readonly kind: string;
    readonly shape: string;
    readonly parameters: number;
  }[];
}

export interface PredictionRecord {
  /** Whose examples: `test`. */
  readonly split: string;
  readonly classes: readonly string[];
  /** By label and prediction. */
  readonly counts: readonly (readonly number[])[];
  /** The examples of the highest loss, in the order of their pictures. */
  readonly worst: readonly {
    readonly index: number;
    readonly label: number;
    readonly predicted: number;
    readonly probability: number;
    readonly loss: number;
  }[];
}

export interface PictureRecord {
  /** In the run's folder. */
  readonly file: string;
  readonly kind: "samples" | "weights" | "worst";
  readonly caption: string;
  /** For pictures of many: how many stand side by side, and the pixels from one to the next. */
  readonly columns: number;
  readonly cell: readonly number[];
}

const boolean: Reader<boolean> = (value, where) =>
  typeof value === "boolean" ? value : refuse(where, "true or false", value);
const most = 100_000;
const texts = list(text, most);
const measured = nullable(finite);
const point: Reader<readonly [number, number | null]> = (value, where) => {
  const [x, y] = list(measured, 2)(value, where);
  return [finite(x, where), y ?? null];
};
const namedPoints = record<NamedPoints>({ name: text, points: list(point, most) });

const net = record<NetRecord>({
  name: text,
  documentation: text,
  inputs: text,
  parameters: count,
  layers: list(record({ name: text, kind: text, shape: text, parameters: count }), most),
});

const prediction = record<PredictionRecord>({
  split: text,
  classes: texts,
  counts: list(list(count, most), most),
  worst: list(
    record({ index: count, label: count, predicted: count, probability: finite, loss: finite }),
    most,
  ),
});

const run = record<RunRecord>({
  format: oneOf("tulle-run"),
  version: oneOf(1),
  file: text,
  section: text,
  settings: list(record({ name: text, value: text }), most),
  data: record<RunRecord["data"]>({
    name: text,
    splits: list(record({ name: text, examples: count }), most),
    inputs: list(record({ name: text, shape: text }), most),
  }),
  nets: list(net, most),
  isFinished: boolean,
  steps: count,
  stepsPerEpoch: count,
  measuredOn: text,
  losses: texts,
  metrics: texts,
  epochs: list(record({ epoch: count, losses: list(measured, most), metrics: list(measured, most) }), most),
  curves: list(namedPoints, most),
  schedules: list(namedPoints, most),
  predictions: nullable(prediction),
  pictures: list(
    record<PictureRecord>({
      file: text,
      kind: oneOf("samples", "weights", "worst"),
      caption: text,
      columns: count,
      cell: list(count, 2),
    }),
    most,
  ),
});

/** The text of `run.json`. */
export function formatRunRecord(record: RunRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** @throws UserError when the file is damaged, or of another version */
export function readRunRecord(content: string, path: string): RunRecord {
  try {
    return run(JSON.parse(content), "run");
  } catch (error) {
    if (!(error instanceof UserError) && !(error instanceof SyntaxError)) throw error;
    throw new UserError(
      `${path} is damaged, or of another version of tulle`,
      "Train again to make it anew; the weights beside it are not touched by this.",
    );
  }
}
