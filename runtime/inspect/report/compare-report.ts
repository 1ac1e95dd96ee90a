/** Several runs beside each other: what differs in their settings, and what comes of it. */
import { formatCount, isFraction } from "../../train/format-numbers.js";
import { linearScale, logarithmicScale, type Scale } from "../../chart/scale.js";
import { linesSvg, type LineSeries } from "../lines-svg.js";
import { scheduleSvg } from "../schedule-svg.js";
import { all, details, document, drawing, element, type Html, section, table, words } from "./html.js";
import { measureName, number, ratesOf } from "./run-report.js";
import type { RunRecord } from "./run-record.js";
import { type Goal, goalsOf, stepsToReach } from "./steps-to-reach.js";

export interface NamedRun {
  /** Unique: the run's folder. */
  readonly name: string;
  readonly record: RunRecord;
}

/** A document that compares; what the runs do not share is left out. */
export function compareReport(runs: readonly NamedRun[], wanted: readonly Goal[] = []): string {
  const metrics = sharedMetrics(runs);
  const goals = wanted.length > 0 ? wanted : goalsOf(runs.map(({ record }) => record));
  return document(
    `${formatCount(runs.length)} runs compared`,
    runs.map(({ name }) => name).join(", "),
    section("Results", resultTable(runs, metrics)),
    section("Steps to get there", goals.length === 0 ? null : goalTable(runs, goals)),
    section("What differs", differenceTable(runs)),
    section(
      "Curves",
      ...metrics.map((metric) =>
        drawing(metricChart(runs, metric), `${metric} of all runs; its numbers stand in the table`),
      ),
      ...lossNames(runs).map((loss) => drawing(lossChart(runs, loss), `${loss} of all runs over the steps`)),
      details("The numbers of every epoch", all(...metrics.map((metric) => epochTable(runs, metric)))),
    ),
    section("Learning rate", drawing(rateChart(runs), "The learning rates of all runs over the steps")),
  );
}

function sharedMetrics(runs: readonly NamedRun[]): readonly string[] {
  return (runs[0]?.record.metrics ?? []).filter((name) =>
    runs.every(({ record }) => record.metrics.includes(name)),
  );
}

function lossNames(runs: readonly NamedRun[]): readonly string[] {
  return (runs[0]?.record.losses ?? []).filter((name) =>
    runs.every(({ record }) => record.losses.includes(name)),
  );
}

/** A metric after every epoch, by the number of steps. */
function measuredPoints({ metrics, epochs, stepsPerEpoch }: RunRecord, metric: string) {
  const column = metrics.indexOf(metric);
  return epochs.map((epoch) => [epoch.epoch * stepsPerEpoch, epoch.metrics[column] ?? null] as const);
}

function resultTable(runs: readonly NamedRun[], metrics: readonly string[]): Html {
  const last = ({ epochs }: RunRecord, column: number): number | null =>
    epochs.at(-1)?.metrics[column] ?? null;
  return table(
    [
      { title: "run", align: "left" },
      ...metrics.map((name) => ({ title: name, align: "right" as const })),
      { title: "steps", align: "right" },
    ],
    runs.map(({ name, record }) => [
      name,
      ...metrics.map((metric) => number(metric, last(record, record.metrics.indexOf(metric)))),
      formatCount(record.steps),
    ]),
  );
}

function goalTable(runs: readonly NamedRun[], goals: readonly Goal[]): Html {
  return all(
    element(
      "p",
      {},
      words("After how many steps a run first measured as good or better; it is measured after every epoch."),
    ),
    table(
      [
        { title: "to reach", align: "left" },
        ...runs.map(({ name }) => ({ title: name, align: "right" as const })),
      ],
      goals.map((goal) => [
        `${goal.metric} ${number(goal.metric, goal.value)}`,
        ...runs.map(({ record }) => {
          const steps = stepsToReach(record, goal);
          return steps === null ? "not reached" : formatCount(steps);
        }),
      ]),
    ),
  );
}

function differenceTable(runs: readonly NamedRun[]): Html {
  const facts = runs.map(({ record }) => factsOf(record));
  const names = [...new Set(facts.flatMap((one) => [...one.keys()]))];
  const different = names.filter((name) => new Set(facts.map((one) => one.get(name))).size > 1);
  if (different.length === 0) return element("p", {}, words("Nothing but the run itself."));
  return table(
    [{ title: "", align: "left" }, ...runs.map(({ name }) => ({ title: name, align: "left" as const }))],
    different.map((name) => [name, ...facts.map((one) => one.get(name) ?? "")]),
  );
}

function factsOf(record: RunRecord): ReadonlyMap<string, string> {
  return new Map([
    ["file", record.file],
    ["section", record.section],
    ["data", record.data.name],
    ...record.settings.map(({ name, value }) => [name, value] as const),
    ...record.data.splits.map(({ name, examples }) => [`${name} examples`, formatCount(examples)] as const),
    ...record.nets.map(({ name, parameters }) => [`parameters of ${name}`, formatCount(parameters)] as const),
    ["learning rate", rateSummary(record)],
  ]);
}

/** `0.004 to 0.1 to 1e-6`: where a schedule begins, how high it goes, where it ends. */
function rateSummary(record: RunRecord): string {
  return ratesOf(record)
    .map(({ points }) => {
      const rates = points.map(([, rate]) => rate);
      const highest = rates.reduce((most, rate) => Math.max(most, rate), 0);
      const [first = 0, last = 0] = [rates[0], rates.at(-1)];
      const way = [
        first,
        ...(highest > first && highest > last ? [highest] : []),
        ...(last === first && highest === first ? [] : [last]),
      ];
      return way.map((rate) => number("rate", rate)).join(" to ");
    })
    .join("; ");
}

function metricChart(runs: readonly NamedRun[], metric: string): string {
  const series = runs.map(({ name, record }): LineSeries => ({
    name,
    points: measuredPoints(record, metric).flatMap(([x, y]) => (y === null ? [] : [[x, y] as const])),
    dots: true,
  }));
  const label = runs[0] === undefined ? metric : measureName(runs[0].record, metric);
  return linesSvg({
    title: label,
    subtitle: "after every epoch",
    across: "step",
    upward: label,
    scale: scaleOf(series, isFraction(metric)),
    format: (value) =>
      isFraction(metric)
        ? `${String(Number((100 * value).toFixed(2)))}%`
        : String(Number(value.toPrecision(4))),
    series,
  });
}

function lossChart(runs: readonly NamedRun[], loss: string): string {
  const series = runs.map(({ name, record }): LineSeries => ({
    name,
    points: (record.curves.find((curve) => curve.name === loss)?.points ?? []).flatMap(([x, y]) =>
      y === null ? [] : [[x, y] as const],
    ),
    dots: false,
  }));
  const scale = scaleOf(series, false);
  return linesSvg({
    title: `training ${loss}`,
    subtitle: "per step, smoothed",
    across: "step",
    upward: scale.isLogarithmic ? `${loss}, logarithmic` : loss,
    scale,
    format: (value) => String(Number(value.toPrecision(4))),
    series,
  });
}

function rateChart(runs: readonly NamedRun[]): string {
  const curves = runs.flatMap(({ name, record }) =>
    ratesOf(record).map((curve, _, { length }) => ({
      ...curve,
      name: length === 1 ? name : `${name} ${curve.name}`,
    })),
  );
  return scheduleSvg("learning rate", curves);
}

function scaleOf(series: readonly LineSeries[], isShare: boolean): Scale {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y));
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return linearScale(0, 1, 4);
  if (isShare) return linearScale(Math.max(0, low - 0.05 * (high - low)), Math.min(1, high + 0.01), 5);
  return low > 0 && high / low > 20 ? logarithmicScale(low, high) : linearScale(Math.min(0, low), high, 5);
}

function epochTable(runs: readonly NamedRun[], metric: string): Html {
  const columns = runs.map(({ record }) => new Map(measuredPoints(record, metric)));
  const steps = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort(
    (left, right) => left - right,
  );
  return all(
    element("h3", {}, words(metric)),
    table(
      [
        { title: "step", align: "right" },
        ...runs.map(({ name }) => ({ title: name, align: "right" as const })),
      ],
      steps.map((step) => [
        formatCount(step),
        ...columns.map((column) => (column.has(step) ? number(metric, column.get(step) ?? null) : "")),
      ]),
    ),
  );
}
