/**
 * A confusion matrix as one self-contained SVG: a row per class, a column per prediction.
 *
 * Invariant: a cell's shade is its part of the row, so classes with few examples read as
 * those with many; mistakes have another colour than hits.
 */
import { formatMetric } from "../train/format-numbers.js";
import { escapeText, fixed, page, text } from "../chart/svg-chart.js";
import { accuracyOf, type ConfusionCounts } from "./confusion.js";

const left = 150;
/** Names that are longer than a cell stand at an angle, and need room. */
const [topOfShort, topOfLong] = [104, 158];
const widest = 560;
const largestCell = 52;
/** Below this there is no room for numbers. */
const smallestNumbered = 22;
const longestName = 16;

/** A finished drawing; more than a few hundred classes become cells too small to see. */
export function confusionSvg(title: string, classes: readonly string[], counts: ConfusionCounts): string {
  const cell = Math.min(largestCell, widest / Math.max(1, classes.length));
  const side = cell * classes.length;
  const accuracy = accuracyOf(counts);
  const hasNames = cell >= 11;
  const top = hasNames && classes.some((name) => isLong(name, cell)) ? topOfLong : topOfShort;
  return page(
    `Confusion matrix of ${title}`,
    top + side + 32,
    [
      `<style>${style}</style>`,
      text(24, 34, title, "title"),
      text(
        24,
        56,
        accuracy === null
          ? "no examples"
          : `${formatMetric("accuracy", accuracy)} predicted as what they are`,
      ),
      ...(hasNames ? classes.flatMap((name, at) => labels(name, at, cell, top)) : []),
      text(left + side + 14, top - 10, "predicted", "axis-name"),
      text(left - 10, top - 10, "is", "axis-name", "end"),
      ...counts.flatMap((row, label) => drawRow(row, label, { cell, top, classes })),
    ],
    Math.max(480, left + side + 96),
  );
}

const style =
  ".hit { fill: #1f6feb; } .miss { fill: #d4660a; } .cell { fill: #f3f4f6; } .number { font-size: 12px; fill: #1f2328; }" +
  " .strong { fill: #ffffff; font-weight: 600; } .axis-name { font-style: italic; }" +
  "@media (prefers-color-scheme: dark) { .cell { fill: #161b22; } .hit { fill: #388bfd; } .miss { fill: #db6d28; } .number { fill: #e6edf3; } .strong { fill: #ffffff; } }";

function labels(name: string, at: number, cell: number, top: number): readonly string[] {
  const middle = (at + 0.5) * cell;
  const [x, y] = [left + middle, top - 10];
  const short = shorten(name);
  const above = isLong(name, cell)
    ? `<text x="${fixed(x)}" y="${fixed(y)}" transform="rotate(-40 ${fixed(x)} ${fixed(y)})">${escapeText(short)}</text>`
    : text(x, y, short, "", "middle");
  return [above, text(left - 10, top + middle + 4.5, short, "", "end")];
}

function drawRow(
  row: readonly number[],
  label: number,
  {
    cell,
    top,
    classes,
  }: { readonly cell: number; readonly top: number; readonly classes: readonly string[] },
): readonly string[] {
  const examples = row.reduce((total, count) => total + count, 0);
  return row.flatMap((count, predicted) => {
    const [x, y] = [left + predicted * cell, top + label * cell];
    const share = examples === 0 ? 0 : count / examples;
    // Rare mistakes should be seen; so a share of 1% is not the hundredth of a colour.
    const opacity =
      count === 0 ? 0 : label === predicted ? 0.1 + 0.85 * share : 0.12 + 0.8 * Math.sqrt(share);
    const size = fixed(cell - (cell > 6 ? 2 : 0));
    const kind = label === predicted ? "hit" : "miss";
    const name = `${classes[label] ?? ""} taken for ${classes[predicted] ?? ""}: ${String(count)}`;
    const square = (className: string, more: string): string =>
      `<rect class="${className}" x="${fixed(x)}" y="${fixed(y)}" width="${size}" height="${size}"${cell > 20 ? ' rx="3"' : ""}${more}`;
    const number =
      cell >= smallestNumbered && count > 0
        ? [
            text(
              x + cell / 2 - 1,
              y + cell / 2 + 3.5,
              String(count),
              opacity > 0.55 ? "number strong" : "number",
              "middle",
            ),
          ]
        : [];
    return [
      square("cell", "/>"),
      ...(count === 0
        ? []
        : [square(kind, ` opacity="${opacity.toFixed(2)}"><title>${escapeText(name)}</title></rect>`)]),
      ...number,
    ];
  });
}

function isLong(name: string, cell: number): boolean {
  return shorten(name).length * 7.5 > cell;
}

function shorten(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
