/** After a run, what its net takes every measured example for. */
import { join } from "node:path";
import { batchesPerEpoch, batchSizes, createBatchReader, naturalOrder } from "../../runtime/data/batches.js";
import type { MatchedSplit } from "../../runtime/data/match-inputs.js";
import { writeFileAtomically } from "../../runtime/files/node-files.js";
import {
  classReports,
  confusedPairs,
  confusionCounts,
  judge,
  type Judgement,
  worstJudgements,
} from "../../runtime/inspect/confusion.js";
import { confusionSvg } from "../../runtime/inspect/confusion-svg.js";
import { encodePng } from "../../runtime/inspect/encode-png.js";
import { gridOf } from "../../runtime/inspect/grid.js";
import { observerOf } from "../../runtime/inspect/observe.js";
import { paint } from "../../runtime/inspect/paint.js";
import { pictureShapeOf } from "../../runtime/inspect/picture-shape.js";
import type { PictureRecord, PredictionRecord } from "../../runtime/inspect/report/run-record.js";
import { pictureRange } from "../../runtime/inspect/samples.js";
import type { Session } from "../../runtime/session.js";
import type { TrainModel } from "../check/model.js";
import type { ObserveRequest } from "../entry-points.js";
import { predictionOf } from "../lower/observe.js";

export interface Predictions {
  readonly requests: readonly ObserveRequest[];
  /** Asks for every example, draws the matrix and the worst ones into the folder. */
  readonly finish: (session: Session, folder: string) => Promise<PredictionResult>;
}

export interface PredictionResult {
  readonly record: PredictionRecord;
  readonly pictures: readonly PictureRecord[];
}

const mostWorst = 24;
const worstColumns = 8;
const mostPairs = 10;

/** Null where the section has no metric that compares scores with labels. */
export function predictionsOf(section: TrainModel, split: MatchedSplit, batch: number): Predictions | null {
  const prediction = predictionOf(section);
  if (prediction === null) return null;
  const { label, classes } = prediction;
  return {
    requests: batchSizes(split.count, batch).map((size) => ({
      kind: "observe",
      section: section.name,
      net: null,
      batch: size,
    })),
    finish: async (session, folder) => {
      const judgements = await judgeAll(session, section.name, split, { batch, label });
      const named = split.columns.find(({ input }) => input.name === label)?.classes;
      const names = Array.from({ length: classes }, (_, index) => named?.[index] ?? String(index));
      const counts = confusionCounts(judgements, classes);
      const worst = worstJudgements(judgements, mostWorst);
      writeFileAtomically(join(folder, "confusion.svg"), confusionSvg(section.name, names, counts));
      return {
        record: { split: split.name, classes: names, counts, worst },
        pictures: drawWorst(split, worst, folder),
      };
    },
  };
}

/** The numbers of `metrics.json`. */
export function predictionNumbers({ split, classes, counts }: PredictionRecord) {
  return {
    split,
    classes,
    /** Rows by label, columns by prediction. */
    confusion: counts,
    per_class: classReports(counts).map(({ label, ...numbers }) => ({ class: classes[label]!, ...numbers })),
    confused_most: confusedPairs(counts, mostPairs).map(({ label, predicted, examples }) => ({
      is: classes[label]!,
      taken_for: classes[predicted]!,
      examples,
    })),
  };
}

async function judgeAll(
  session: Session,
  section: string,
  split: MatchedSplit,
  { batch, label }: { readonly batch: number; readonly label: string },
): Promise<readonly Judgement[]> {
  const { observe } = observerOf(session, section);
  const read = createBatchReader(split, batch);
  const order = naturalOrder(split.count);
  const judgements: Judgement[] = [];
  for (let index = 0; index < batchesPerEpoch(split.count, batch); index++) {
    const { inputs } = read(order, index);
    const { logits } = await observe(inputs);
    judgements.push(...judge(logits!.data, inputs[label]!, index * batch));
  }
  return judgements;
}

/** The worst examples side by side without gaps, where they are pictures. */
function drawWorst(
  split: MatchedSplit,
  worst: readonly Judgement[],
  folder: string,
): readonly PictureRecord[] {
  const found = split.columns.flatMap(({ input }) => {
    const shape = input.dataType === "f32" ? pictureShapeOf(input.shape) : null;
    return shape === null ? [] : [{ name: input.name, shape }];
  })[0];
  if (found === undefined || worst.length === 0) return [];
  const { name, shape } = found;
  const order = Uint32Array.from(worst, ({ index }) => index);
  const { inputs } = createBatchReader(split, worst.length)(order, 0);
  const values = inputs[name]!;
  const range = pictureRange(values);
  const [height, width] = [shape.at(-2)!, shape.at(-1)!];
  const size = values.length / worst.length;
  const pictures = worst.map((_, index) =>
    paint({ width, height, data: values.subarray(index * size, (index + 1) * size) }, range),
  );
  const columns = Math.min(worstColumns, worst.length);
  const file = "worst.png";
  writeFileAtomically(join(folder, file), encodePng(gridOf(pictures, { columns, gap: 0 })));
  return [
    { file, kind: "worst", caption: "The examples of the highest loss", columns, cell: [width, height] },
  ];
}
