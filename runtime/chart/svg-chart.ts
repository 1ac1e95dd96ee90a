/** The pieces of a chart: frame, axes, curves and the labels at their ends, as SVG text. */
import type { Scale } from "./scale.js";
import type { CurvePoint } from "./smooth.js";

export const chart = { width: 880, left: 72, plotWidth: 658 } as const;

/** Series are coloured in turn. */
const seriesColours = 4;
const longestName = 18;
/** From one label at the end of a curve to the next. */
export const labelDistance = 38;
const mostDots = 60;

const style = `
  .page { fill: #ffffff; } text { fill: #57606a; font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
  .title { fill: #1f2328; font-size: 18px; font-weight: 600; } .value { font-weight: 600; }
  .grid { stroke: #d8dee4; stroke-width: 1; } .axis { stroke: #8c959f; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
  .raw { fill: none; stroke-width: 1; opacity: 0.28; stroke-linejoin: round; }
  .c0 { stroke: #1f6feb; } .c1 { stroke: #d4660a; } .c2 { stroke: #8250df; } .c3 { stroke: #1a7f37; }
  .f0 { fill: #1f6feb; } .f1 { fill: #d4660a; } .f2 { fill: #8250df; } .f3 { fill: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; } text { fill: #9da7b3; } .title { fill: #f0f6fc; }
    .grid { stroke: #272e37; } .axis { stroke: #6e7681; }
    .c0 { stroke: #58a6ff; } .c1 { stroke: #f0883e; } .c2 { stroke: #bc8cff; } .c3 { stroke: #3fb950; }
    .f0 { fill: #58a6ff; } .f1 { fill: #f0883e; } .f2 { fill: #bc8cff; } .f3 { fill: #3fb950; }
  }`;

/** From data to pixels. */
export interface Placement {
  readonly toX: (at: number) => number;
  readonly toY: (value: number) => number;
}

/** A whole page around its parts. */
export function page(
  title: string,
  height: number,
  parts: readonly string[],
  width: number = chart.width,
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${style}\n</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="8"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

export function text(x: number, y: number, content: string, className = "", anchor = "start"): string {
  const classes = className === "" ? "" : ` class="${className}"`;
  const anchored = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text${classes} x="${fixed(x)}" y="${fixed(y)}"${anchored}>${escapeText(content)}</text>`;
}

/** A curve: `raw` is thin and pale, `line` is what is meant to be read. */
export function curve(
  kind: "raw" | "line",
  colour: number,
  points: readonly CurvePoint[],
  { toX, toY }: Placement,
): string {
  const steps = points.map(({ at, value }) => `${fixed(toX(at))} ${fixed(toY(value))}`);
  return `<path class="${kind} c${colour % seriesColours}" d="M${steps.join("L")}"/>`;
}

/** A curve through few measurements, each marked by a dot. Those that are no numbers are left out. */
export function measuredCurve(
  colour: number,
  values: readonly number[],
  placement: Placement,
): readonly string[] {
  const points = values.map((value, at) => ({ at, value })).filter(({ value }) => Number.isFinite(value));
  if (points.length === 0) return [];
  const dots = points.length <= mostDots ? points : points.slice(-1);
  const { toX, toY } = placement;
  const marks = dots.map(({ at, value }) => {
    return `<circle class="f${colour % seriesColours}" cx="${fixed(toX(at))}" cy="${fixed(toY(value))}" r="3.2"/>`;
  });
  return [curve("line", colour, points, placement), ...marks];
}

export function verticalAxis(
  scale: Scale,
  top: number,
  height: number,
  caption: string,
  format: (tick: number) => string,
): readonly string[] {
  const right = chart.left + chart.plotWidth;
  const marks = scale.ticks.flatMap((tick) => {
    const y = top + height * (1 - scale.position(tick));
    return [
      `<line class="grid" x1="${chart.left}" y1="${fixed(y)}" x2="${right}" y2="${fixed(y)}"/>`,
      text(chart.left - 10, y + 4.5, format(tick), "", "end"),
    ];
  });
  return [...marks, text(right, top - 8, caption, "", "end")];
}

export function horizontalAxis(scale: Scale, y: number, caption: string): readonly string[] {
  const { left, plotWidth } = chart;
  const marks = scale.ticks.map((tick) => {
    return text(left + plotWidth * scale.position(tick), y + 20, String(tick), "", "middle");
  });
  return [
    `<line class="axis" x1="${left}" y1="${y}" x2="${left + plotWidth}" y2="${y}"/>`,
    ...marks,
    text(left + plotWidth / 2, y + 40, caption, "", "middle"),
  ];
}

export interface EndLabel {
  readonly name: string;
  readonly value: string;
  readonly colour: number;
  readonly y: number;
}

/** Names and last values beside the ends of their curves, moved apart where they would touch. */
export function endLabels(labels: readonly EndLabel[], x: number): readonly string[] {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  let lowest = -Infinity;
  return sorted.flatMap(({ name, value, colour, y }) => {
    lowest = Math.max(y - 2, lowest + labelDistance);
    const shown = name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
    const fill = `f${colour % seriesColours}`;
    return [text(x + 10, lowest, shown, fill), text(x + 10, lowest + 16, value, `value ${fill}`)];
  });
}

/** Text that means itself inside of markup. */
export function escapeText(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A coordinate with one digit behind the point. */
export function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
