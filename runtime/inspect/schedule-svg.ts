/** Learning rates over the steps of a run, as one self-contained SVG. */
import { formatCount } from "../train/format-numbers.js";
import { linearScale, logarithmicScale, type Scale } from "../chart/scale.js";
import { thinOut } from "../chart/smooth.js";
import { linesSvg } from "./lines-svg.js";

export interface RateCurve {
  /** What the rate belongs to: a step of the section, or a run. */
  readonly name: string;
  /** Steps, counted from 1, and their rates; all of them, or those that tell. */
  readonly points: readonly (readonly [step: number, rate: number])[];
}

const mostPoints = 600;
/** A logarithmic axis is for rates that spend half of their time below a hundredth of the largest. */
const logarithmicRatio = 100;

/** The rates of all steps as a curve that is drawn quickly. */
export function rateCurve(name: string, rates: ArrayLike<number>): RateCurve {
  return { name, points: thinOut(rates, mostPoints).map(({ at, value }) => [at + 1, value] as const) };
}

/** A finished chart; curves of equal rates share a line. */
export function scheduleSvg(title: string, curves: readonly RateCurve[]): string {
  const steps = curves.reduce((most, { points }) => Math.max(most, points.at(-1)?.[0] ?? 0), 0);
  const different = mergeEqual(curves);
  const scale = rateScale(different);
  return linesSvg({
    title,
    subtitle: `learning rate over ${formatCount(steps)} steps`,
    across: "step",
    upward: scale.isLogarithmic ? "rate, logarithmic" : "rate",
    scale,
    format: formatRate,
    series: different.map((one) => ({ ...one, dots: false })),
  });
}

/** `0.004`, `1e-5`: a rate without digits that nobody reads. */
export function formatRate(rate: number): string {
  const short = Number(rate.toPrecision(4));
  return short !== 0 && Math.abs(short) < 1e-4 ? short.toExponential() : String(short);
}

function rateScale(curves: readonly RateCurve[]): Scale {
  const all = Float64Array.from(curves.flatMap(({ points }) => points.map(([, rate]) => rate))).sort();
  const finite = all.filter(Number.isFinite);
  const [lowest = 0, middle = 0, highest = 0] = [finite[0], finite[finite.length >> 1], finite.at(-1)];
  const isWide = lowest > 0 && highest / middle > logarithmicRatio;
  return isWide ? logarithmicScale(lowest, highest) : linearScale(Math.min(0, lowest), highest, 4);
}

/** The steps of a GAN often share their rate: one line, both names. */
function mergeEqual(curves: readonly RateCurve[]): readonly RateCurve[] {
  const merged: RateCurve[] = [];
  for (const one of curves) {
    const index = merged.findIndex(({ points }) => areEqual(points, one.points));
    if (index < 0) merged.push(one);
    else merged[index] = { ...merged[index]!, name: `${merged[index]!.name}, ${one.name}` };
  }
  return merged;
}

function areEqual(left: RateCurve["points"], right: RateCurve["points"]): boolean {
  return (
    left.length === right.length &&
    left.every(([step, rate], at) => step === right[at]![0] && rate === right[at]![1])
  );
}
