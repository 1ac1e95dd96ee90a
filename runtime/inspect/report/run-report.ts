/** One run as one document: what was run, how it went, what it gets wrong, what it looks like. */
import { formatCount, formatMetric } from "../../train/format-numbers.js";
import { formatRate, scheduleSvg } from "../schedule-svg.js";
import { classesSection } from "./classes-section.js";
import { all, details, document, drawing, element, facts, type Html, section, table, words } from "./html.js";
import { picturesSection, type RunPictures } from "./pictures-section.js";
import type { NetRecord, NamedPoints, RunRecord } from "./run-record.js";

export interface RunFolder {
  readonly record: RunRecord;
  /** The learning curves, `losses.svg`; null where there are none. */
  readonly curves: string | null;
  /** The PNG files that the record names, as far as they are there. */
  readonly pictures: RunPictures;
}

/** A document of its own, under a megabyte, without scripts. */
export function runReport({ record, curves, pictures }: RunFolder): string {
  const [learned] = record.data.splits;
  return document(
    record.section,
    `${lastName(record.file)}, trained on ${formatCount(learned?.examples ?? 0)} examples of ${lastName(record.data.name)} for ${formatCount(record.steps)} steps` +
      (record.isFinished ? "" : "; not finished"),
    results(record),
    section("What was run", runFacts(record)),
    section(
      "Learning curves",
      curves === null
        ? null
        : drawing(curves, `Learning curves of ${record.section}; the numbers stand in the table`),
      details("The numbers of every epoch", epochTable(record)),
    ),
    section(
      "Learning rate",
      record.schedules.length === 0
        ? null
        : drawing(scheduleSvg(record.section, ratesOf(record)), "The learning rate over the steps"),
      details("Some of its numbers", rateTable(record.schedules)),
    ),
    classesSection(record, pictures),
    picturesSection(record, pictures),
    section(record.nets.length === 1 ? "The net" : "The nets", ...record.nets.map(netTable)),
  );
}

/** `data/mnist10k/` is called mnist10k. */
function lastName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== "") ?? path;
}

/** The last epoch's numbers, large. */
function results(record: RunRecord): Html | null {
  const last = record.epochs.at(-1);
  if (last === undefined) return null;
  const values = [
    ...record.metrics.map((name, at) => [measureName(record, name), name, last.metrics[at] ?? null] as const),
    ...record.losses.map((name, at) => [`training ${name}`, name, last.losses[at] ?? null] as const),
  ];
  return element(
    "ul",
    { class: "results" },
    ...values.map(([label, name, value]) =>
      element("li", {}, element("strong", {}, words(number(name, value))), words(label)),
    ),
  );
}

function runFacts({ settings, data, section: name, file, steps, stepsPerEpoch }: RunRecord): Html {
  return facts([
    ["file", file],
    ["section", name],
    ...settings.map((setting) => [setting.name, setting.value] as const),
    ["steps", `${formatCount(steps)}, ${formatCount(stepsPerEpoch)} per epoch`],
    ["data", data.name],
    ...data.splits.map(({ name: split, examples }) => [`${split} examples`, formatCount(examples)] as const),
    ...data.inputs.map((input) => [`input ${input.name}`, input.shape] as const),
  ]);
}

function epochTable(record: RunRecord): Html {
  const { losses, metrics, epochs } = record;
  const columns = [
    { title: "epoch", align: "right" as const },
    ...losses.map((name) => ({ title: `training ${name}`, align: "right" as const })),
    ...metrics.map((name) => ({ title: measureName(record, name), align: "right" as const })),
  ];
  return table(
    columns,
    epochs.map((epoch) => [
      formatCount(epoch.epoch),
      ...losses.map((name, at) => number(name, epoch.losses[at] ?? null)),
      ...metrics.map((name, at) => number(name, epoch.metrics[at] ?? null)),
    ]),
  );
}

/** The rates as curves; what is no number is left out. */
export function ratesOf({ schedules }: Pick<RunRecord, "schedules">) {
  return schedules.map(({ name, points }) => ({
    name,
    points: points.flatMap(([step, rate]) => (rate === null ? [] : [[step, rate] as const])),
  }));
}

function rateTable(schedules: readonly NamedPoints[]): Html {
  const rows = 11;
  const [first] = schedules;
  const last = (first?.points.length ?? 0) - 1;
  const places = Array.from({ length: rows }, (_, row) => Math.round((last * row) / (rows - 1)));
  return table(
    [
      { title: "step", align: "right" },
      ...schedules.map(({ name }) => ({ title: name, align: "right" as const })),
    ],
    [...new Set(places)].map((at) => [
      formatCount(first?.points[at]?.[0] ?? 0),
      ...schedules.map(({ points }) => number("rate", points[at]?.[1] ?? null)),
    ]),
  );
}

function netTable(net: NetRecord): Html {
  const { name, documentation, inputs, parameters, layers } = net;
  return all(
    element("h3", {}, words(`${name}: ${inputs}`)),
    documentation === "" ? null : element("p", {}, words(documentation)),
    element("p", {}, words(`${formatCount(parameters)} parameters in ${formatCount(layers.length)} layers.`)),
    details(
      "Layers",
      table(
        [
          { title: "layer", align: "left" },
          { title: "kind", align: "left" },
          { title: "output", align: "left" },
          { title: "parameters", align: "right" },
        ],
        layers.map((layer) => [
          layer.name,
          layer.kind,
          layer.shape,
          layer.parameters === 0 ? "" : formatCount(layer.parameters),
        ]),
      ),
    ),
  );
}

/** `test loss` beside `training loss`; `accuracy` by itself. */
export function measureName({ losses, measuredOn }: RunRecord, metric: string): string {
  return losses.includes(metric) ? `${measuredOn} ${metric}` : metric;
}

export function number(name: string, value: number | null): string {
  return value === null ? "no number" : name === "rate" ? formatRate(value) : formatMetric(name, value);
}
