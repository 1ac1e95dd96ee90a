/** Curves over a common axis, one panel, as one self-contained SVG. */
import { formatCount } from "../train/format-numbers.js";
import type { Scale } from "../chart/scale.js";
import { fittedScale } from "../chart/scale.js";
import {
  chart,
  curve,
  type EndLabel,
  endLabels,
  fixed,
  labelDistance,
  page,
  text,
  verticalAxis,
  type Placement,
} from "../chart/svg-chart.js";

export interface LineSeries {
  readonly name: string;
  /** Places across and values, from left to right. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A dot on each point, where each is a measurement. */
  readonly dots: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly subtitle: string;
  readonly across: string;
  readonly upward: string;
  readonly scale: Scale;
  /** How a value reads at the axis, and at the end of a curve. */
  readonly format: (value: number) => string;
  readonly series: readonly LineSeries[];
}

const top = 76;
const height = 250;
const footer = 52;
/** Room for the two lines of a label above the axis. */
const labelRoom = 18;

/** A finished chart; points that are no numbers are left out. */
export function linesSvg({ title, subtitle, across, upward, scale, format, series }: LineChart): string {
  const drawn = series
    .map((one) => ({
      ...one,
      points: one.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    }))
    .filter(({ points }) => points.length > 0);
  const rightmost = drawn.reduce((most, { points }) => Math.max(most, points.at(-1)![0]), 1);
  const horizontal = fittedScale(0, rightmost, 6);
  const toX = (x: number): number => chart.left + chart.plotWidth * horizontal.position(x);
  const toY = (y: number): number => top + height * (1 - Math.min(1, Math.max(0, scale.position(y))));
  const lines = drawn.flatMap(({ points, dots }, colour) => {
    const place: Placement = { toX: (at) => toX(points[at]![0]), toY };
    const line = curve(
      "line",
      colour,
      points.map(([, value], at) => ({ at, value })),
      place,
    );
    const marks = points.map(
      ([x, y]) => `<circle class="f${colour % 4}" cx="${fixed(toX(x))}" cy="${fixed(toY(y))}" r="3.2"/>`,
    );
    return dots ? [line, ...marks] : [line];
  });
  const labels = drawn.map(({ name, points }, colour) => {
    const last = points.at(-1)![1];
    return { name, value: format(last), colour, y: toY(last) };
  });
  return page(title, top + height + footer, [
    text(chart.left, 30, title, "title"),
    text(chart.left, 50, subtitle),
    ...verticalAxis(scale, top, height, upward, format),
    ...lines,
    ...endLabels(settle(labels), toX(rightmost)),
    ...countedAxis(horizontal, top + height, across),
  ]);
}

/** Labels as near to their curves as they can be with none below the axis. */
function settle(labels: readonly EndLabel[]): readonly EndLabel[] {
  let lowest = top + height - labelRoom + labelDistance;
  const fromBelow = [...labels].sort((left, right) => right.y - left.y);
  return fromBelow.map((label) => {
    lowest = Math.min(label.y, lowest - labelDistance);
    return { ...label, y: lowest };
  });
}

function countedAxis(scale: Scale, y: number, caption: string): readonly string[] {
  const { left, plotWidth } = chart;
  return [
    `<line class="axis" x1="${left}" y1="${y}" x2="${left + plotWidth}" y2="${y}"/>`,
    ...scale.ticks.map((tick) =>
      text(
        left + plotWidth * scale.position(tick),
        y + 20,
        tick % 1 === 0 ? formatCount(tick) : String(tick),
        "",
        "middle",
      ),
    ),
    text(left + plotWidth / 2, y + 40, caption, "", "middle"),
  ];
}
