/** What a classifier gets right and wrong: matrix, classes, confused pairs, worst examples. */
import { formatCount, formatLoss } from "../../train/format-numbers.js";
import { classReports, confusedPairs } from "../confusion.js";
import { confusionSvg } from "../confusion-svg.js";
import { pngUri } from "../data-uri.js";
import { all, details, drawing, element, type Html, section, table, words } from "./html.js";
import type { PredictionRecord, RunRecord } from "./run-record.js";
import type { RunPictures } from "./pictures-section.js";

const mostPairs = 8;
/** A matrix of more classes would be too fine to see. */
const mostDrawn = 200;
/** A larger picture of the worst examples would make the page too large. */
const tileBytes = 130_000;
/** As tiles are shown, in pixels of the page. */
const tileWidth = 96;

export function classesSection(record: RunRecord, pictures: RunPictures): Html | null {
  const { predictions } = record;
  if (predictions === null) return null;
  const { classes, counts, split } = predictions;
  const examples = counts.flat().reduce((sum, count) => sum + count, 0);
  return all(
    section(
      "Confusion matrix",
      element(
        "p",
        {},
        words(`${formatCount(examples)} ${split} examples, by what they are and what they are taken for.`),
      ),
      classes.length > mostDrawn
        ? null
        : drawing(
            confusionSvg(record.section, classes, counts),
            "Confusion matrix; its numbers stand in the tables",
          ),
      pairTable(predictions),
      details("Precision and recall of every class", classTable(predictions)),
      classes.length > 30 ? null : details("All numbers of the matrix", matrixTable(predictions)),
    ),
    section("Worst examples", worstTiles(record, predictions, pictures)),
  );
}

function pairTable({ classes, counts }: PredictionRecord): Html {
  const pairs = confusedPairs(counts, mostPairs);
  if (pairs.length === 0) return element("p", {}, words("No example is taken for another class."));
  return all(
    element("h3", {}, words("Confused most")),
    table(
      [
        { title: "is", align: "left" },
        { title: "taken for", align: "left" },
        { title: "examples", align: "right" },
        { title: "of the class", align: "right" },
      ],
      pairs.map(({ label, predicted, examples }) => {
        const ofClass = counts[label]!.reduce((sum, count) => sum + count, 0);
        return [classes[label]!, classes[predicted]!, formatCount(examples), percent(examples / ofClass)];
      }),
    ),
  );
}

function classTable({ classes, counts }: PredictionRecord): Html {
  return table(
    [
      { title: "class", align: "left" },
      { title: "examples", align: "right" },
      { title: "precision", align: "right" },
      { title: "recall", align: "right" },
    ],
    classReports(counts).map(({ label, examples, precision, recall }) => [
      classes[label]!,
      formatCount(examples),
      precision === null ? "never predicted" : percent(precision),
      recall === null ? "no examples" : percent(recall),
    ]),
  );
}

function matrixTable({ classes, counts }: PredictionRecord): Html {
  return table(
    [{ title: "", align: "left" }, ...classes.map((title) => ({ title, align: "right" as const }))],
    counts.map((row, label) => [classes[label]!, ...row.map(formatCount)]),
  );
}

/** One picture holds them all; every tile is a window on it. */
function worstTiles(
  { pictures: records }: RunRecord,
  { classes, worst }: PredictionRecord,
  pictures: RunPictures,
): Html | null {
  const picture = records.find(({ kind }) => kind === "worst");
  const found = picture === undefined ? undefined : pictures.get(picture.file);
  const bytes = found === undefined || found.length > tileBytes ? undefined : found;
  const [width = 1, height = 1] = picture?.cell ?? [];
  if (worst.length === 0) return null;
  const scale = tileWidth / width;
  const rows = Math.ceil(worst.length / (picture?.columns ?? 1));
  const tile = (index: number): Html | null => {
    if (picture === undefined || bytes === undefined) return null;
    const [x, y] = [index % picture.columns, Math.floor(index / picture.columns)];
    const style = `background-position: -${px(x * width * scale)} -${px(y * height * scale)}`;
    return element("span", { class: "tile worst", style });
  };
  return all(
    bytes === undefined || picture === undefined
      ? null
      : element(
          "style",
          {},
          `.worst { width: ${px(tileWidth)}; height: ${px(height * scale)}; background-image: url(${pngUri(bytes)}); background-size: ${px(picture.columns * width * scale)} ${px(rows * height * scale)}; }` as Html,
        ),
    element("p", {}, words("The examples of the highest loss: what they are, and what they are taken for.")),
    element(
      "ul",
      { class: "tiles" },
      ...worst.map(({ index, label, predicted, probability, loss }, at) =>
        element(
          "li",
          {},
          tile(at),
          element("b", {}, words(`${classes[label]!} → ${classes[predicted]!}`)),
          words(`${percent(probability)} sure, loss ${formatLoss(loss)}, no. ${formatCount(index)}`),
        ),
      ),
    ),
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function px(value: number): string {
  return `${String(Math.round(100 * value) / 100)}px`;
}
