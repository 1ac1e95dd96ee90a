/**
 * Draws a net as people draw nets: layers as boxes from top to bottom, values as lines
 * that carry their shapes. One self-contained SVG, light or dark as the reader's page.
 *
 * Layers stand in rows by their longest way from an input (Sugiyama, Tagawa and Toda,
 * 1981, in its simplest form); within a row, in the order of what they read.
 */
import type { Application, NetModel, Tensor } from "../check/model.js";
import { format } from "../sizes/size.js";

interface Box {
  readonly title: string;
  readonly detail: string;
  readonly reads: readonly Box[];
  readonly row: number;
  /** The column, in boxes from the left; settled row by row. */
  column: number;
}

const boxWidth = 220;
const boxHeight = 40;
const columnGap = 24;
const rowGap = 28;
const margin = 24;
/** Characters that fit into a box. */
const longest = 28;

/** The SVG text of a net's dataflow. */
export function drawNet(net: NetModel): string {
  const rows = placeInRows(boxesOf(net));
  const columns = Math.max(...rows.map((row) => Math.max(...row.map(({ column }) => column)) + 1));
  const width = 2 * margin + columns * boxWidth + (columns - 1) * columnGap;
  const height = 2 * margin + rows.length * boxHeight + (rows.length - 1) * rowGap;
  const boxes = rows.flat();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" role="img" aria-label="${escape(net.name)}">`,
    `<style>${style}</style>`,
    ...boxes.flatMap((box) => box.reads.map((from) => drawLine(from, box))),
    ...boxes.map(drawBox),
    "</svg>",
    "",
  ].join("\n");
}

const style =
  "rect{fill:#fff;stroke:#4a5568}path{fill:none;stroke:#8896a8;stroke-width:1.5}" +
  "text{font:13px system-ui,sans-serif;fill:#1a202c;text-anchor:middle}.detail{font-size:11px;fill:#5a6779}" +
  "@media(prefers-color-scheme:dark){rect{fill:#1e2530;stroke:#8896a8}text{fill:#e6ebf2}.detail{fill:#a3b0c2}}";

/** A box for every input, application and output, each after the boxes it reads. */
function boxesOf(net: NetModel): Box[] {
  const producers = new Map<Tensor["id"], Box>();
  const boxes: Box[] = [];
  const add = (title: string, detail: string, inputs: readonly Tensor[]): Box => {
    const reads = inputs.flatMap((tensor) => producers.get(tensor.id) ?? []);
    const row = 1 + Math.max(-1, ...reads.map((box) => box.row));
    const box: Box = { title, detail, reads: [...new Set(reads)], row, column: 0 };
    boxes.push(box);
    return box;
  };
  for (const tensor of net.dataflow.inputs) producers.set(tensor.id, add(tensor.name, shapeText(tensor), []));
  for (const application of net.dataflow.applications) {
    const [first] = application.outputs;
    const detail = first === undefined ? "" : shapeText(first);
    const box = add(titleOf(net, application), detail, application.inputs);
    for (const output of application.outputs) producers.set(output.id, box);
  }
  net.dataflow.outputs.forEach((tensor, index) => {
    add(net.outputNames[index] ?? tensor.name, "", [tensor]);
  });
  return boxes;
}

/** `conv1: conv`; only the word where a layer has no name of its own. */
function titleOf(net: NetModel, { layer, definition }: Application): string {
  if (layer === null || /(^|\.)\d+$/.test(layer.path)) return definition;
  const path = layer.net === net.name ? layer.path : `${layer.net}.${layer.path}`;
  return `${path}: ${definition}`;
}

function shapeText({ shape }: Tensor): string {
  return `[${shape.map(({ size }) => format(size)).join(", ")}]`;
}

function placeInRows(boxes: readonly Box[]): Box[][] {
  const rows: Box[][] = [];
  for (const box of boxes) (rows[box.row] ??= []).push(box);
  for (const row of rows) {
    row.sort((left, right) => meanColumn(left) - meanColumn(right));
    let free = 0;
    for (const box of row) {
      box.column = Math.max(free, leftmostColumn(box));
      free = box.column + 1;
    }
  }
  return rows;
}

/** Where branches join, the trunk goes on below the leftmost. */
function leftmostColumn({ reads }: Box): number {
  return reads.length === 0 ? 0 : Math.min(...reads.map(({ column }) => column));
}

function meanColumn({ reads }: Box): number {
  return reads.length === 0 ? 0 : reads.reduce((sum, { column }) => sum + column, 0) / reads.length;
}

function drawBox(box: Box): string {
  const [x, y] = corner(box);
  const middle = x + boxWidth / 2;
  const title = `<text x="${String(middle)}" y="${String(y + (box.detail === "" ? 25 : 17))}">${escape(shorten(box.title))}</text>`;
  const detail =
    box.detail === ""
      ? ""
      : `<text class="detail" x="${String(middle)}" y="${String(y + 32)}">${escape(shorten(box.detail))}</text>`;
  return `<rect x="${String(x)}" y="${String(y)}" width="${String(boxWidth)}" height="${String(boxHeight)}" rx="6"/>${title}${detail}`;
}

function drawLine(from: Box, to: Box): string {
  const [fromX, fromY] = corner(from);
  const [toX, toY] = corner(to);
  const [x0, y0, x1, y1] = [fromX + boxWidth / 2, fromY + boxHeight, toX + boxWidth / 2, toY];
  const bend = String(y1 - rowGap);
  const across = (top: number): string =>
    `C${String(x0)} ${String((top + y1) / 2)} ${String(x1)} ${String((top + y1) / 2)} ${String(x1)} ${String(y1)}`;
  // A line over several rows goes round the boxes between: through the gap beside its own
  // column, or straight down before it changes columns.
  const isLong = to.row - from.row > 1;
  const side = String(x0 + boxWidth / 2 + columnGap / 2);
  const points = !isLong
    ? across(y0)
    : from.column !== to.column
      ? `V${bend} ${across(y1 - rowGap)}`
      : `C${String(x0)} ${String(y0 + rowGap)} ${side} ${String(y0)} ${side} ${String(y0 + rowGap + 8)} ` +
        `V${String(y1 - rowGap - 8)} C${side} ${String(y1)} ${String(x1)} ${bend} ${String(x1)} ${String(y1)}`;
  return `<path d="M${String(x0)} ${String(y0)} ${points}"/>`;
}

function corner({ column, row }: Box): [x: number, y: number] {
  return [margin + column * (boxWidth + columnGap), margin + row * (boxHeight + rowGap)];
}

/** The end of a path tells more than its beginning. */
function shorten(text: string): string {
  return text.length > longest ? `…${text.slice(1 - longest)}` : text;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
