/** The learning-rate range test as one self-contained SVG: loss over rate, raw and smoothed, with what it suggests. */
import { formatRate } from "./format-numbers.js";
import type { RateAdvice, RateStep } from "./rate-test.js";
import { linearScale, logarithmicScale } from "../chart/scale.js";
import { chart, curve, horizontalAxis, page, text, verticalAxis } from "../chart/svg-chart.js";

const top = 72;
const height = 300;
const footer = 52;

/** Losses above so many times the first one are cut off: the test ends by diverging. */
const highest = 1.5;

export function ratesSvg(section: string, steps: readonly RateStep[], advice: RateAdvice | null): string {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined)
    return page(`Rates of ${section}`, top + height + footer, []);
  const rates = logarithmicScale(first.rate, last.rate);
  const lowest = Math.min(...steps.map(({ smoothed }) => smoothed));
  const losses = linearScale(Math.min(0, lowest), Math.max(highest * first.loss, lowest), 5);
  const placement = {
    toX: (at: number) => chart.left + chart.plotWidth * rates.position(steps[at]!.rate),
    toY: (value: number) => top + height * (1 - Math.min(1.02, losses.position(value))),
  };
  const points = (pick: (step: RateStep) => number) => steps.map((step, at) => ({ at, value: pick(step) }));
  const mark = (rate: number, name: string, row: number): readonly string[] => {
    const x = (chart.left + chart.plotWidth * rates.position(rate)).toFixed(1);
    return [
      `<line class="axis" stroke-dasharray="4 4" x1="${x}" y1="${top}" x2="${x}" y2="${top + height}"/>`,
      text(Number(x) + 6, top + height - 10 - 18 * row, `${name} ${formatRate(rate)}`),
    ];
  };
  return page(`Learning rates of ${section}`, top + height + footer, [
    text(chart.left, 30, `${section}: loss at growing learning rates`, "title"),
    text(chart.left, 50, `${steps.length} steps, from ${formatRate(first.rate)} to ${formatRate(last.rate)}`),
    ...verticalAxis(losses, top, height, "loss per step", String),
    curve(
      "raw",
      0,
      points(({ loss }) => loss),
      placement,
    ),
    curve(
      "line",
      0,
      points(({ smoothed }) => smoothed),
      placement,
    ),
    ...(advice === null
      ? []
      : [...mark(advice.steepest, "steepest", 0), ...mark(advice.tenth, "a tenth of the lowest", 1)]),
    ...horizontalAxis(rates, top + height, "learning rate"),
  ]);
}
