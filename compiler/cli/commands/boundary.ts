/** `tulle boundary FILE`: the decision regions of a net with two inputs. */
import { batchSizes, createBatchReader, naturalOrder } from "../../../runtime/data/batches.js";
import { formatBatchShape } from "../../../runtime/data/dataset.js";
import { matchInputs, type InputDeclaration, type MatchedSplit } from "../../../runtime/data/match-inputs.js";
import { writeFileAtomically } from "../../../runtime/files/node-files.js";
import {
  boundarySvg,
  gridPoints,
  planeOf,
  type PlanePoint,
  shareInRegion,
} from "../../../runtime/inspect/boundary-svg.js";
import { classProbabilities, type ScoreKind } from "../../../runtime/inspect/probabilities.js";
import { UserError } from "../../../runtime/program/user-error.js";
import type { Model } from "../../check/model.js";
import type { EntryPointRequest } from "../../entry-points.js";
import { predictionOf } from "../../lower/observe.js";
import { chooseNet, chooseSection, netOption, trainOption } from "../choose.js";
import { type Command, type ParsedOptions, UsageError } from "../command.js";
import { openData } from "../data-options.js";
import { declarationsOf } from "../inputs.js";
import {
  partialOption,
  readSizes,
  required,
  seedOption,
  sizeOption,
  threadsOption,
  weightsOption,
} from "../model-options.js";
import { withSession } from "../predicting.js";
import { classOutput } from "../scores.js";
import { checkAndReport, oneFile, readSource, setOption } from "../source.js";
import { dataOption } from "../training.js";

const batch = 512;

export const boundaryCommand: Command = {
  name: "boundary",
  summary: "draw the decision regions of a net with two inputs",
  usage: "FILE --weights FILE --data DIR|FILES [--train NAME | --net NAME] [-o boundary.svg]",
  description:
    "Asks the net for the class of every point of the plane around the data and draws the regions, the " +
    "paler the less certain, with the test points over them (or all points when there is no test split). " +
    "With --train the scores are those that the section's metric compares with the labels.",
  options: [
    trainOption,
    netOption,
    weightsOption,
    partialOption,
    dataOption,
    { name: "output", short: "o", value: "FILE", summary: "the drawing (default boundary.svg)" },
    seedOption,
    threadsOption,
    sizeOption,
    setOption,
  ],
  examples: [
    "tulle boundary dsl-examples/logistic-regression-mapped.net --train circles " +
      "--weights runs/circles/weights.safetensors --data toy/circles.npz",
  ],
  run: async ({ positionals, options, terminal }) => {
    const path = oneFile(positionals, "boundary");
    required(options, "weights", "boundary", "FILE");
    const model = checkAndReport(readSource(path, options), terminal);
    if (model === null) return 1;
    const subject = chooseSubject(model, options);
    const { points, axes, classes: named } = openPoints(subject, options);
    const plane = planeOf(points);
    const grid = gridPoints(plane);
    const count = grid.length / 2;
    const requests = batchSizes(count, batch).map((size) => subject.request(size));
    const probabilities = await withSession(model, requests, options, terminal, async (session) => {
      const found: Float64Array[] = [];
      for (let first = 0; first < count; first += batch) {
        const some = grid.subarray(2 * first, 2 * Math.min(count, first + batch));
        const inputs = {
          [subject.input.name]: { shape: [some.length / 2, ...subject.input.shape], data: some },
        };
        const { data } = (await session.predict(inputs, { net: subject.name }))[subject.output]!;
        const each = data.length / (some.length / 2);
        for (let at = 0; at < data.length; at += each) {
          found.push(classProbabilities(data.subarray(at, at + each), subject.kind));
        }
      }
      return found;
    });
    const classes = Array.from(
      { length: subject.classes },
      (_, index) => named?.[index] ?? `class ${String(index)}`,
    );
    const chart = { title: subject.name, axes, classes, plane, probabilities, points };
    const file = options.text("output") ?? "boundary.svg";
    writeFileAtomically(file, boundarySvg(chart));
    const share = shareInRegion(chart);
    const right = share === null ? "" : `, ${(100 * share).toFixed(1)}% of them in the region of their class`;
    terminal.out(`${file}: ${String(points.length)} points${right}\n`);
    return 0;
  },
};

/** What is asked for classes. */
interface Subject {
  /** As the program predicts it: a section or a net. */
  readonly name: string;
  readonly input: InputDeclaration;
  /** Where the labels are; null when nothing says. */
  readonly label: InputDeclaration | null;
  readonly output: string;
  readonly kind: ScoreKind;
  readonly classes: number;
  readonly request: (batch: number) => EntryPointRequest;
}

function chooseSubject(model: Model, options: ParsedOptions): Subject {
  if (options.text("net") !== null && options.text("train") !== null) {
    throw new UsageError("--net and --train each say whose regions are drawn; give one of them");
  }
  const byNet = options.text("net") !== null || model.sections.length === 0;
  return byNet ? subjectOfNet(model, options) : subjectOfSection(model, options);
}

function subjectOfNet(model: Model, options: ParsedOptions): Subject {
  const net = chooseNet(model, options);
  const sizes = readSizes(options);
  const { name: output, kind, classes } = classOutput(net, sizes);
  return {
    name: net.name,
    input: planeInput(net.name, declarationsOf(net, sizes)),
    label: { name: "label", dataType: "i32", shape: [], limit: classes },
    output,
    kind,
    classes,
    request: (size) => ({ kind: "predict", net: net.name, batch: size }),
  };
}

function subjectOfSection(model: Model, options: ParsedOptions): Subject {
  const section = chooseSection(model, options);
  const prediction = predictionOf(section);
  if (prediction === null) {
    throw new UserError(
      `${section.name} has no metric that compares scores with labels, and so no classes`,
      "Add one, as in: metric accuracy = accuracy(logits, label). Or draw a net's: --net NAME",
    );
  }
  const declarations = declarationsOf(section, readSizes(options));
  const others = declarations.filter(({ name }) => name !== prediction.label);
  return {
    name: section.name,
    input: planeInput(section.name, others),
    label: declarations.find(({ name }) => name === prediction.label) ?? null,
    output: "logits",
    kind: "scores",
    classes: prediction.classes,
    request: (size) => ({ kind: "observe", section: section.name, net: null, batch: size }),
  };
}

function planeInput(name: string, inputs: readonly InputDeclaration[]): InputDeclaration {
  const [input, second] = inputs;
  if (input !== undefined && second === undefined && input.shape.join() === "2") return input;
  const found = inputs.map(({ name, shape }) => `${name} ${formatBatchShape(shape)}`);
  throw new UserError(
    `regions are drawn of what takes two numbers, x[N, 2], and ${name} takes ${found.join(", ")}`,
  );
}

/** The test points, or all where there are none, with their labels. */
function openPoints({ input, label }: Subject, options: ParsedOptions) {
  const specifiers = options.list("data");
  if (specifiers.length === 0) throw new UsageError("tulle boundary needs --data FILES: the points to draw");
  const dataset = openData(specifiers, options);
  // One array can only be the points.
  const inputs = label === null || dataset.train.arrays.length === 1 ? [input] : [input, label];
  const { train, test } = matchInputs(inputs, dataset);
  const split: MatchedSplit = test ?? train;
  const { inputs: arrays } = createBatchReader(split, split.count)(naturalOrder(split.count), 0);
  const [places, labels] = split.columns.map(({ input: { name } }) => arrays[name]!);
  const points = Array.from({ length: split.count }, (_, index): PlanePoint => ({
    x: places![2 * index]!,
    y: places![2 * index + 1]!,
    label: labels?.[index] ?? null,
  }));
  const classes = split.columns[1]?.classes ?? null;
  return { points, classes, axes: [`${input.name}, first`, `${input.name}, second`] as const };
}
