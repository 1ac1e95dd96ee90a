/** `tulle train --samples NET`: what a net draws after every epoch, as pictures in the run's folder. */
import { join } from "node:path";
import { createBatchReader, naturalOrder } from "../../runtime/data/batches.js";
import type { MatchedSplit } from "../../runtime/data/match-inputs.js";
import {
  listFolder,
  pathKind,
  readFile,
  removeFile,
  writeFileAtomically,
} from "../../runtime/files/node-files.js";
import { decodePng } from "../../runtime/files/images/png.js";
import { encodePng } from "../../runtime/inspect/encode-png.js";
import { observerOf } from "../../runtime/inspect/observe.js";
import { type PictureShape, pictureShapeOf } from "../../runtime/inspect/picture-shape.js";
import type { Picture } from "../../runtime/inspect/picture.js";
import type { PictureRecord } from "../../runtime/inspect/report/run-record.js";
import { pictureRange, type SampleColumn, sampleGrid, stripOf } from "../../runtime/inspect/samples.js";
import { UserError } from "../../runtime/program/user-error.js";
import type { Session } from "../../runtime/session.js";
import { formatShape } from "../../runtime/tensor.js";
import type { TrainEvent } from "../../runtime/train/events.js";
import type { NetModel, Tensor, TrainModel } from "../check/model.js";
import type { ObserveRequest } from "../entry-points.js";
import { shapeOf } from "../lower/dataflow.js";
import { observationOfNet } from "../lower/observe.js";
import type { OptionDefinition } from "./command.js";

export const sampleOptions: readonly OptionDefinition[] = [
  { name: "samples", value: "NET", summary: "after every epoch, a picture of what this net draws" },
  {
    name: "sample-count",
    value: "N",
    summary: "how many it draws (default 64, or 16 beside inputs and targets)",
  },
];

/** Samples as the run goes: what to compile for them, what to do after an epoch, and at the end. */
export interface Samples {
  readonly request: ObserveRequest;
  readonly observe: (session: Session, event: TrainEvent) => Promise<void>;
  /** Writes the strip over time; returns the pictures there are. */
  readonly finish: (epochs: number) => readonly PictureRecord[];
}

export interface SampleSettings {
  readonly section: TrainModel;
  readonly net: NetModel;
  /** null for the default. */
  readonly count: number | null;
  /** Whose first examples are shown where the net takes data. */
  readonly split: MatchedSplit;
  readonly sizes: Readonly<Record<string, number>>;
  readonly folder: string;
}

const [drawnAlone, drawnBeside] = [64, 16];
/** Rows of the strip. */
const mostTimes = 8;

/** @throws UserError when the net draws nothing, or the section does not use it */
export function samplesOf({ section, net, count: wanted, split, sizes, folder }: SampleSettings): Samples {
  const observation = observationOfNet(section, net);
  if (observation === null) {
    throw new UserError(`${section.name} does not use ${net.name}, so it has no samples of it`);
  }
  const at = new Map([...Object.entries(sizes), ["N", 1]]);
  const pictureOf = (tensor: Tensor): PictureShape | null =>
    pictureShapeOf(shapeOf(tensor.shape, at).slice(1));
  const pictures = observation.values.flatMap(({ name, tensor }) => {
    const shape = pictureOf(tensor);
    return shape === null ? [] : [{ name, shape }];
  });
  const output = pictures.find(({ name }) => net.outputNames.includes(name));
  if (output === undefined) {
    const shapes = net.dataflow.outputs.map(({ shape }) => formatShape(shapeOf(shape, at).slice(1)));
    throw new UserError(
      `--samples ${net.name}: its output ${shapes.join(", ")} is no picture`,
      "A picture is [1, H, W], [3, H, W], or a row of as many numbers as a square has pixels.",
    );
  }
  const inputs = pictures.filter(({ name }) => name.startsWith("input "));
  const data = section.inputs.flatMap(({ name, dataType, ...tensor }) => {
    const shape = dataType === "f32" ? pictureOf({ name, dataType, ...tensor }) : null;
    return shape === null ? [] : [{ name, shape, isInput: observation.dataInputs.includes(name) }];
  });
  const isConditional = inputs.length > 0 || observation.dataInputs.length > 0;
  const given = data.filter(({ isInput }) => isInput);
  const targets = isConditional
    ? data.filter(({ isInput, shape }) => !isInput && shape.join() === output.shape.join())
    : [];
  const most = wanted ?? (isConditional ? drawnBeside : drawnAlone);
  const count = isConditional ? Math.min(most, split.count) : most;
  const of = `${section.name}.${net.name}`;
  const columnNames = describeColumns([
    ...given.map(({ name }) => ({ name, from: "data" as const })),
    ...inputs.map(({ name }) => ({ name, from: "net" as const })),
    { name: output.name, from: "net" },
    ...targets.map(({ name }) => ({ name, from: "data" as const })),
  ]);
  let rowHeight = 0;
  return {
    request: { kind: "observe", section: section.name, net: net.name, batch: count },
    observe: async (session, event) => {
      if (event.kind === "start" && event.resumedAt === null) removeSamples(folder);
      if (event.kind !== "epoch") return;
      const { inputs: examples } = createBatchReader(split, Math.min(count, split.count))(
        naturalOrder(split.count),
        0,
      );
      const outputs = await observerOf(session, of).observe(examples);
      const column = (shape: PictureShape, values: ArrayLike<number>): SampleColumn => ({
        shape,
        values,
        range: pictureRange(values),
      });
      const grid = sampleGrid(
        [
          ...given.map(({ name, shape }) => column(shape, examples[name]!)),
          ...inputs.map(({ name, shape }) => column(shape, outputs[name]!.data)),
          column(output.shape, outputs[output.name]!.data),
          ...targets.map(({ name, shape }) => column(shape, examples[name]!)),
        ],
        count,
      );
      rowHeight = grid.rowHeight;
      writeFileAtomically(join(folder, sampleFile(event.result.epoch)), encodePng(grid.picture));
    },
    finish: (epochs) => finishSamples(folder, epochs, rowHeight, columnNames),
  };
}

function finishSamples(
  folder: string,
  epochs: number,
  rowHeight: number,
  columns: string,
): readonly PictureRecord[] {
  const times = Array.from({ length: epochs }, (_, index) => index + 1).filter(
    (epoch) => pathKind(join(folder, sampleFile(epoch))) === "file",
  );
  const last = times.at(-1);
  if (last === undefined) return [];
  const strip = "samples.png";
  const shown = spread(times, mostTimes);
  if (rowHeight > 0 && shown.length > 1) {
    const grids = shown.map((epoch) => readPicture(join(folder, sampleFile(epoch))));
    writeFileAtomically(join(folder, strip), encodePng(stripOf(grids, rowHeight)));
  }
  const picture = (file: string, caption: string): PictureRecord => ({
    file,
    kind: "samples",
    caption,
    columns: 1,
    cell: [1, 1],
  });
  return [
    ...(shown.length > 1 && pathKind(join(folder, strip)) === "file"
      ? [
          picture(
            strip,
            `The first samples after ${shown.length === times.length ? "each epoch" : `epochs ${shown.join(", ")}`}, from top to bottom${columns}`,
          ),
        ]
      : []),
    picture(sampleFile(last), `After epoch ${String(last)}${columns}`),
  ];
}

/** What stands side by side, where a sample is more than what was drawn. */
function describeColumns(
  columns: readonly { readonly name: string; readonly from: "data" | "net" }[],
): string {
  if (columns.length === 1) return "";
  const named = columns.map(({ name, from }) => {
    const plain = name.replace(/^input /, "");
    return from === "data"
      ? `${plain} of the data`
      : name === plain
        ? `${plain} of the net`
        : `its input ${plain}`;
  });
  return `; side by side: ${named.join(", ")}`;
}

/** At most `count` of them at even distances, the first and the last among them. */
function spread(times: readonly number[], count: number): readonly number[] {
  if (times.length <= count) return times;
  return Array.from({ length: count }, (_, i) => times[Math.round((i * (times.length - 1)) / (count - 1))]!);
}

function sampleFile(epoch: number): string {
  return `samples-${String(epoch).padStart(3, "0")}.png`;
}

function removeSamples(folder: string): void {
  for (const name of listFolder(folder))
    if (/^samples(-\d+)?\.png$/.test(name)) removeFile(join(folder, name));
}

/** A picture that an earlier epoch has written, perhaps before the run was resumed. */
function readPicture(path: string): Picture {
  const { width, height, channels, data } = decodePng(readFile(path), path);
  if (channels !== 1 && channels !== 3) {
    throw new UserError(
      `${path} is not as this run has written it`,
      "Remove it, or begin anew with --overwrite.",
    );
  }
  return { width, height, channels, pixels: data };
}
