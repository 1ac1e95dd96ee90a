/**
 * The learning curves of a run as one self-contained SVG that reads well on light and
 * on dark pages: losses per step, raw and smoothed, with what was measured after every
 * epoch; below them the metrics.
 */
import { measuredData, measureName, type RunPlan, type TrainResult } from "./events.js";
import { formatCount, formatLoss, formatMetric, isFraction } from "./format-numbers.js";
import { linearScale, logarithmicScale, type Scale } from "../chart/scale.js";
import { smooth, thinOut } from "../chart/smooth.js";
import {
  chart,
  curve,
  endLabels,
  horizontalAxis,
  measuredCurve,
  page,
  text,
  verticalAxis,
  type EndLabel,
  type Placement,
} from "../chart/svg-chart.js";

const lossTop = 72;
const lossHeight = 272;
const metricHeight = 190;
const gap = 44;
const footer = 52;

/** Losses that fall further than this are drawn on a logarithmic axis. */
const logarithmicRatio = 20;
const mostPoints = 800;

/** A finished chart; a run without steps gives an empty one. */
export function curvesSvg(result: TrainResult): string {
  const { plan, step } = result;
  const metrics = measuredSeries(result).filter(({ isLoss }) => !isLoss);
  const metricTop = lossTop + lossHeight + gap;
  const bottom = metrics.length > 0 ? metricTop + metricHeight : lossTop + lossHeight;
  const epochs = linearScale(0, plan.epochs, Math.min(10, Math.max(4, plan.epochs)));
  const facts = `${formatCount(plan.trainExamples)} ${plan.unit}, batches of ${plan.batch}, ${formatCount(step)} steps`;
  return page(`Learning curves of ${plan.section}`, bottom + footer, [
    text(chart.left, 30, plan.section, "title"),
    text(chart.left, 50, facts),
    ...lossPanel(result, epochs),
    ...(metrics.length > 0 ? metricPanel(plan, metrics, epochs, metricTop) : []),
    ...horizontalAxis(epochs, bottom, "epoch"),
  ]);
}

/** The losses of every step. */
interface StepSeries {
  readonly name: string;
  readonly raw: Float32Array;
  readonly smoothed: Float64Array;
}

/** What was measured after every epoch. */
interface MeasuredSeries {
  readonly name: string;
  readonly isLoss: boolean;
  readonly values: readonly number[];
}

function stepSeries({ plan, stepLosses }: TrainResult): readonly StepSeries[] {
  const width = plan.losses.length;
  const window = Math.min(100, Math.max(5, plan.steps / 50));
  return plan.losses.map((name, column) => {
    const raw = Float32Array.from(
      { length: stepLosses.length / width },
      (_, i) => stepLosses[i * width + column]!,
    );
    return { name, raw, smoothed: smooth(raw, window) };
  });
}

function measuredSeries({ plan, epochs }: TrainResult): readonly MeasuredSeries[] {
  const series = plan.metrics.map((name, i) => ({
    name,
    isLoss: plan.losses.includes(name),
    values: epochs.map(({ metrics }) => metrics[i] ?? NaN),
  }));
  return series.filter(({ values }) => values.some(Number.isFinite));
}

function lossPanel(result: TrainResult, epochs: Scale): readonly string[] {
  const { plan } = result;
  const steps = stepSeries(result);
  const measured = measuredSeries(result).filter(({ isLoss }) => isLoss);
  const scale = lossScale([
    ...steps.map(({ smoothed }) => smoothed),
    ...measured.map(({ values }) => values),
  ]);
  const byStep = placement(epochs, scale, lossTop, lossHeight, (at) => (at + 1) / plan.stepsPerEpoch);
  const byEpoch = placement(epochs, scale, lossTop, lossHeight, (at) => at + 1);
  const drawn = steps.filter(({ raw }) => raw.length > 0);
  const curves = drawn.flatMap(({ raw, smoothed }, colour) => [
    curve("raw", colour, thinOut(raw, mostPoints), byStep),
    curve("line", colour, thinOut(smoothed, mostPoints / 2), byStep),
  ]);
  const marks = measured.flatMap(({ values }, i) => measuredCurve(drawn.length + i, values, byEpoch));
  const labels = [
    ...drawn.map(({ name, smoothed }, colour) => lossLabel(name, smoothed.at(-1)!, colour, byStep)),
    ...measured.map(({ name, values }, i) => {
      return lossLabel(measureName(plan, name), lastFinite(values), drawn.length + i, byEpoch);
    }),
  ];
  const caption = scale.isLogarithmic ? "loss per step, logarithmic" : "loss per step";
  return [
    ...verticalAxis(scale, lossTop, lossHeight, caption, String),
    ...curves,
    ...marks,
    ...endLabels(labels, byStep.toX(result.step - 1)),
  ];
}

function lossLabel(name: string, value: number, colour: number, { toY }: Placement): EndLabel {
  return { name, value: formatLoss(value), colour, y: toY(value) };
}

function lossScale(series: readonly ArrayLike<number>[]): Scale {
  let [low, high] = [Infinity, -Infinity];
  for (const values of series) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
  }
  if (high === -Infinity) return linearScale(0, 1, 5);
  if (low > 0 && high / low > logarithmicRatio) return logarithmicScale(low, high);
  return linearScale(Math.min(0, low), high, 5);
}

function metricPanel(
  plan: RunPlan,
  series: readonly MeasuredSeries[],
  epochs: Scale,
  top: number,
): readonly string[] {
  const areFractions = series.every(({ name }) => isFraction(name));
  const values = series.flatMap((one) => one.values).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = high > low ? 0.08 * (high - low) : Math.max(0.01, 0.05 * Math.abs(high));
  const bounds = areFractions
    ? ([Math.max(0, low - margin), Math.min(1, high + margin)] as const)
    : ([low, high] as const);
  const scale = linearScale(...bounds, 4);
  const place = placement(epochs, scale, top, metricHeight, (at) => at + 1);
  // From the other end of the colours, so that losses and metrics differ.
  const colourOf = (i: number): number => 3 + 3 * i;
  const labels = series.map(({ name, values: measured }, i): EndLabel => {
    const value = lastFinite(measured);
    return { name, value: formatMetric(name, value), colour: colourOf(i), y: place.toY(value) };
  });
  const caption = `after every epoch, on ${measuredData(plan)}`;
  const format = (tick: number): string =>
    areFractions ? `${Number((100 * tick).toFixed(6))}%` : String(tick);
  return [
    ...verticalAxis(scale, top, metricHeight, caption, format),
    ...series.flatMap(({ values: measured }, i) => measuredCurve(colourOf(i), measured, place)),
    ...endLabels(labels, place.toX(series[0]!.values.length - 1)),
  ];
}

/** Positions of a panel; values beyond the scale's ends stay at its edge. */
function placement(
  epochs: Scale,
  scale: Scale,
  top: number,
  height: number,
  epochAt: (at: number) => number,
): Placement {
  return {
    toX: (at) => chart.left + chart.plotWidth * epochs.position(epochAt(at)),
    toY: (value) => top + height * (1 - Math.min(1.02, Math.max(-0.02, scale.position(value)))),
  };
}

function lastFinite(values: readonly number[]): number {
  return values.filter(Number.isFinite).at(-1) ?? 0;
}
