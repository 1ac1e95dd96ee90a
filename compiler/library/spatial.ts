/**
 * Shape rules of layers over images [N, C, H, W]: that the operand is one, and what
 * sliding windows make of its height and width.
 */
import { add, asConstant, constant, equal, format } from "../sizes/size.js";
import type { OperandShape, OutputDimension, ShapeCondition, ShapeHint, ShapeResult } from "./definition.js";
import {
  type Rejected,
  accept,
  blameAxis,
  compareAtLeast,
  computed,
  describe,
  fixed,
  reject,
  same,
} from "./shape-results.js";
import {
  type WindowAxis,
  droppedRows,
  extent,
  shortestLength,
  windowArithmetic,
  windowOutput,
} from "./window.js";

/** Null for an image; otherwise the problem, with a way out. */
export function refuseUnlessImage(word: string, operand: OperandShape): Rejected | null {
  if (operand.shape.length === 4) return null;
  return reject(
    "shape",
    `${word} needs an image [N, C, H, W], and ${operand.name} is ${describe(operand.shape)}`,
    {
      blame: operand.shape.slice(1).map((dimension) => ({ operand: operand.name, dimension })),
      suggestion: imageAdvice(word, operand),
    },
  );
}

function imageAdvice(word: string, operand: OperandShape): string | null {
  const sizes = operand.shape.slice(1).map(({ size }) => size);
  const [first, second] = sizes;
  const batch = operand.shape[0];
  if (sizes.length === 2 && batch !== undefined && asConstant(batch.size) !== null) {
    return `Images come in batches, with the batch first: [N, ${operand.shape.map(({ size }) => format(size)).join(", ")}]`;
  }
  if (sizes.length === 2) {
    return `Say that it has one channel: ${operand.name} -> reshape(1, ${format(first!)}, ${format(second!)}) -> ${word}(...)`;
  }
  if (sizes.length !== 1) return null;
  const pixel = `${format(first!)}, 1, 1`;
  if (word === "conv_transpose") {
    return `Take its features for the channels of one pixel: ${operand.name} -> reshape(${pixel}) -> ${word}(...)`;
  }
  const features = asConstant(first!);
  const side = features === null ? Number.NaN : Math.sqrt(features);
  const shape = Number.isInteger(side) && side > 1 ? `1, ${String(side)}, ${String(side)}` : pixel;
  return `Put ${word} before flatten, or give ${operand.name} rows and columns: ${operand.name} -> reshape(${shape}) -> ${word}(...)`;
}

export interface SlidImage {
  readonly ok: true;
  readonly height: OutputDimension;
  readonly width: OutputDimension;
  readonly hints: readonly ShapeHint[];
  readonly conditions: readonly ShapeCondition[];
}

/** Height and width after windows slid over an image, with what is worth saying about them. */
export function slide(
  word: string,
  operand: OperandShape,
  windows: readonly [WindowAxis, WindowAxis],
): SlidImage | Rejected {
  const hints: ShapeHint[] = [];
  const conditions: ShapeCondition[] = [];
  const outputs: OutputDimension[] = [];
  for (const [index, axisName] of (["rows", "columns"] as const).entries()) {
    const window = windows[index]!;
    const dimension = operand.shape[2 + index]!;
    const size = windowOutput(window, dimension.size);
    const text = (): string => windowArithmetic(window, dimension.size);
    const fits = compareAtLeast(dimension.size, constant(shortestLength(window)));
    if (fits === "no") return doesNotFit(word, operand, windows, index, text());
    if (fits !== "yes") conditions.push(fits);
    const hint = strideHint(word, operand, window, index, axisName);
    if (hint !== null) hints.push(hint);
    outputs.push(equal(size, dimension.size) ? same(dimension) : computed(size, text(), [dimension]));
  }
  return { ok: true, height: outputs[0]!, width: outputs[1]!, hints: merged(hints), conditions };
}

function doesNotFit(
  word: string,
  operand: OperandShape,
  windows: readonly [WindowAxis, WindowAxis],
  index: number,
  text: string,
): Rejected {
  const [height, width] = windows.map(extent);
  const side = index === 0 ? "height" : "width";
  const missing = extent(windows[index]!) - (asConstant(operand.shape[2 + index]!.size) ?? 0);
  const pad = Math.max(1, Math.ceil(missing / 2));
  return reject(
    "size",
    `the ${String(height)}x${String(width)} window of ${word} does not fit into ${operand.name}, which is ${describe(operand.shape)}`,
    {
      notes: [`${side}: ${text}, and a size must be at least 1`],
      blame: blameAxis(operand, 2 + index),
      suggestion: `Use a smaller window, pad the input (pad=${String(pad)}), or shrink the image less before`,
    },
  );
}

function strideHint(
  word: string,
  operand: OperandShape,
  window: WindowAxis,
  index: number,
  axisName: "rows" | "columns",
): ShapeHint | null {
  const dimension = operand.shape[2 + index]!;
  const length = asConstant(dimension.size);
  const dropped = length === null ? 0 : droppedRows(window, length);
  if (dropped === 0) return null;
  const last = dropped === 1 ? axisName.slice(0, -1) : `${String(dropped)} ${axisName}`;
  return {
    message: `the stride of ${word} drops the last ${last} of ${operand.name}`,
    notes: [
      windowArithmetic(window, dimension.size),
      `the windows reach ${String(length! - dropped)} of ${String(length)} ${axisName}`,
    ],
  };
}

/** One hint instead of two when rows and columns fare alike. */
function merged(hints: readonly ShapeHint[]): readonly ShapeHint[] {
  const [rows, columns] = hints;
  if (rows === undefined || columns === undefined) return hints;
  if (rows.notes[0] !== columns.notes[0]) return hints;
  const [arithmetic, reach] = rows.notes;
  return [
    {
      message: rows.message.replace(
        /(rows?) of/,
        (_, word: string) => `${word} and ${word.replace("row", "column")} of`,
      ),
      notes: [arithmetic!, `${reach!} and columns`],
    },
  ];
}

/** Height and width of the given sizes, whatever they were. */
export function resized(x: OperandShape, sizes: readonly [number, number]): readonly OutputDimension[] {
  return sizes.map((size, index) => {
    const dimension = x.shape[2 + index]!;
    if (asConstant(dimension.size) === size) return same(dimension);
    return fixed(size, `${format(dimension.size)} -> ${String(size)}`);
  });
}

/** Height and width of a part cut out of an image with a border of zeros. */
export function cutOut(
  word: string,
  x: OperandShape,
  sizes: readonly [number, number],
  border: readonly [number, number] = [0, 0],
): ShapeResult {
  const conditions: ShapeCondition[] = [];
  for (const [index, size] of sizes.entries()) {
    const whole = add(x.shape[2 + index]!.size, constant(2 * border[index]!));
    const isEnough = compareAtLeast(whole, constant(size));
    if (isEnough === "no") {
      const bordered = border[index] === 0 ? "" : " with its border";
      return reject(
        "size",
        `${word} cannot cut ${sizes.join("x")} out of ${x.name}, which is ${describe(x.shape)}`,
        {
          notes: [
            `it has ${format(whole)} ${index === 0 ? "rows" : "columns"}${bordered}, and ${String(size)} are wanted`,
          ],
          blame: blameAxis(x, 2 + index),
          suggestion: "Use resize to enlarge an image, or pad to put a border around it",
        },
      );
    }
    if (isEnough !== "yes") conditions.push(isEnough);
  }
  return accept([same(x.shape[0]!), same(x.shape[1]!), ...resized(x, sizes)], { conditions });
}
