/**
 * Decision regions in the plane: which class a net gives every point, with the examples
 * drawn over it. One self-contained SVG.
 *
 * Invariant: regions and points share one colour per class; the nearer the net is to not
 * knowing, the paler the region.
 */
import { formatCount, formatMetric } from "../train/format-numbers.js";
import { fittedScale, linearScale, type Scale } from "../chart/scale.js";
import { escapeText, fixed, page, text } from "../chart/svg-chart.js";
import { pngUri } from "./data-uri.js";
import { encodePng } from "./encode-png.js";
import type { Colour, Picture } from "./picture.js";
import { indexOfLargest } from "./probabilities.js";

export interface Plane {
  readonly x: Scale;
  readonly y: Scale;
}

export interface PlanePoint {
  readonly x: number;
  readonly y: number;
  /** null where the data have no labels. */
  readonly label: number | null;
}

export interface BoundaryChart {
  readonly title: string;
  /** Names of the two coordinates. */
  readonly axes: readonly [string, string];
  readonly classes: readonly string[];
  readonly plane: Plane;
  /** Of every class, for `resolution` by `resolution` points in rows from the top. */
  readonly probabilities: readonly Float64Array[];
  readonly points: readonly PlanePoint[];
}

/** Rows and columns that the regions are drawn with. */
export const resolution = 180;

const [left, top, side] = [64, 76, 460];
const width = 720;
const footer = 60;
const mostPoints = 2000;
/** Colours that those who do not tell red from green tell apart (after Okabe and Ito, 2008). */
const palette: readonly Colour[] = [
  [31, 111, 235],
  [212, 102, 10],
  [26, 127, 55],
  [130, 80, 223],
  [207, 34, 120],
  [0, 139, 139],
  [154, 103, 0],
  [87, 96, 106],
];

/** A plane that holds all points, with a margin around them; its ends are ticks. */
export function planeOf(points: readonly PlanePoint[]): Plane {
  return { x: scaleOf(points.map(({ x }) => x)), y: scaleOf(points.map(({ y }) => y)) };
}

/** The points of the plane that the net is asked for, in rows from the top: x, y, x, y, ... */
export function gridPoints({ x, y }: Plane): Float32Array {
  const points = new Float32Array(2 * resolution * resolution);
  const at = ({ low, high }: Scale, index: number): number =>
    low + ((high - low) * (index + 0.5)) / resolution;
  for (let row = 0; row < resolution; row++) {
    for (let column = 0; column < resolution; column++) {
      points.set([at(x, column), at(y, resolution - 1 - row)], 2 * (row * resolution + column));
    }
  }
  return points;
}

export function boundarySvg(chart: BoundaryChart): string {
  const { plane, points, axes, title, classes } = chart;
  const bottom = top + side;
  const regions = pngUri(encodePng(paintRegions(chart.probabilities)));
  return page(
    `Decision regions of ${title}`,
    bottom + footer,
    [
      `<style>.point { stroke: #ffffff; stroke-width: 1; } .frame { fill: none; stroke: #8c959f; } image { image-rendering: auto; }</style>`,
      text(left, 32, title, "title"),
      text(left, 54, subtitle(chart)),
      `<image x="${left}" y="${top}" width="${side}" height="${side}" preserveAspectRatio="none" href="${regions}"/>`,
      ...points.slice(0, mostPoints).map((point) => drawPoint(point, plane)),
      `<rect class="frame" x="${left}" y="${top}" width="${side}" height="${side}"/>`,
      ...plane.x.ticks.map((tick) =>
        text(left + side * plane.x.position(tick), bottom + 20, String(tick), "", "middle"),
      ),
      ...plane.y.ticks.map((tick) =>
        text(left - 10, bottom - side * plane.y.position(tick) + 4.5, String(tick), "", "end"),
      ),
      text(left + side / 2, bottom + 42, axes[0], "", "middle"),
      `<text x="20" y="${fixed(top + side / 2)}" text-anchor="middle" transform="rotate(-90 20 ${fixed(top + side / 2)})">${escapeText(axes[1])}</text>`,
      ...legend(classes, points),
    ],
    width,
  );
}

/** The part of the labelled points that lie in the region of their class; null without labels. */
export function shareInRegion({ plane, points, probabilities }: BoundaryChart): number | null {
  const labelled = points.filter(({ label }) => label !== null);
  if (labelled.length === 0) return null;
  const cell = (position: number): number => Math.min(resolution - 1, Math.floor(resolution * position));
  const right = labelled.filter(({ x, y, label }) => {
    const [column, row] = [cell(plane.x.position(x)), resolution - 1 - cell(plane.y.position(y))];
    return indexOfLargest(probabilities[row * resolution + column]!) === label;
  });
  return right.length / labelled.length;
}

function subtitle(chart: BoundaryChart): string {
  const share = shareInRegion(chart);
  const shown = chart.points.length > mostPoints ? `, ${formatCount(mostPoints)} of them drawn` : "";
  const count = `${formatCount(chart.points.length)} points${shown}`;
  return share === null
    ? count
    : `${count}; ${formatMetric("accuracy", share)} lie in the region of their class`;
}

function paintRegions(probabilities: readonly Float64Array[]): Picture {
  const pixels = new Uint8Array(3 * resolution * resolution);
  probabilities.forEach((classes, at) => {
    const winner = indexOfLargest(classes);
    const chance = 1 / classes.length;
    const certainty = (classes[winner]! - chance) / (1 - chance);
    const opacity = Number.isFinite(certainty) ? 0.08 + 0.3 * Math.max(0, certainty) : 0;
    pixels.set(
      colourOf(winner).map((value) => Math.round(255 + opacity * (value - 255))),
      3 * at,
    );
  });
  return { width: resolution, height: resolution, channels: 3, pixels };
}

function drawPoint({ x, y, label }: PlanePoint, plane: Plane): string {
  const [cx, cy] = [left + side * plane.x.position(x), top + side * (1 - plane.y.position(y))];
  const fill = label === null ? "#57606a" : hex(colourOf(label));
  return `<circle class="point" cx="${fixed(cx)}" cy="${fixed(cy)}" r="3.4" fill="${fill}"/>`;
}

function legend(classes: readonly string[], points: readonly PlanePoint[]): readonly string[] {
  const x = left + side + 28;
  return classes.flatMap((name, index) => {
    const y = top + 16 + 28 * index;
    const count = points.filter(({ label }) => label === index).length;
    const counted = count === 0 ? name : `${name} (${formatCount(count)})`;
    return [
      `<circle cx="${x}" cy="${y}" r="6" fill="${hex(colourOf(index))}"/>`,
      text(x + 16, y + 4.5, counted),
    ];
  });
}

/** From end to end of the values and a margin, with the round numbers between as ticks. */
function scaleOf(values: readonly number[]): Scale {
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((most, value) => Math.max(most, value), -Infinity);
  if (low > high) return linearScale(-1, 1, 4);
  if (low === high) return linearScale(low - 1, low + 1, 4);
  const margin = 0.08 * (high - low);
  return fittedScale(low - margin, high + margin, 5);
}

function colourOf(index: number): Colour {
  return palette[index % palette.length]!;
}

function hex(colour: Colour): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
