/**
 * The rows of a PNG: filters undone, samples unpacked, and the seven passes of an interlaced
 * image put where they belong.
 */
import { fileError } from "../file-error.js";

export interface PngLayout {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Samples of a pixel. */
  readonly samples: 1 | 2 | 3 | 4;
  readonly isInterlaced: boolean;
}

/** Every `stepX`-th column from `x`, every `stepY`-th row from `y`. */
export interface PngPass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
}

/** x, y, and the steps of Adam7. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The parts of an image in the order of the file; those without a pixel are left out. */
export function passesOf({ width, height, isInterlaced }: PngLayout): readonly PngPass[] {
  const grid = isInterlaced ? adam7 : [[0, 0, 1, 1] as const];
  return grid
    .map(([x, y, stepX, stepY]) => ({
      ...{ x, y, stepX, stepY },
      width: Math.ceil((width - x) / stepX),
      height: Math.ceil((height - y) / stepY),
    }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Bytes of a row of `width` pixels, without the byte that names its filter. */
export function rowBytes({ depth, samples }: PngLayout, width: number): number {
  return Math.ceil((width * samples * depth) / 8);
}

/** Undoes the filters of a pass, in place, and writes its samples into the whole image's. */
export function readPass(
  layout: PngLayout,
  pass: PngPass,
  raw: Uint8Array,
  samples: Uint16Array,
  source: string,
): void {
  const bytes = rowBytes(layout, pass.width);
  const pixelBytes = Math.max(1, (layout.depth * layout.samples) / 8);
  let above: Uint8Array = new Uint8Array(bytes);
  for (let row = 0; row < pass.height; row++) {
    const start = row * (bytes + 1);
    const current = raw.subarray(start + 1, start + 1 + bytes);
    if (!undoFilter(raw[start]!, current, above, pixelBytes)) {
      throw fileError(source, `row ${row} has filter ${raw[start]}; there are 0 to 4`, null);
    }
    unpackRow(layout, pass, row, current, samples);
    above = current;
  }
}

/** Whether the filter is one of the five. */
function undoFilter(filter: number, row: Uint8Array, above: Uint8Array, pixelBytes: number): boolean {
  const length = row.length;
  switch (filter) {
    case 0:
      return true;
    case 1:
      for (let i = pixelBytes; i < length; i++) row[i]! += row[i - pixelBytes]!;
      return true;
    case 2:
      for (let i = 0; i < length; i++) row[i]! += above[i]!;
      return true;
    case 3:
      for (let i = 0; i < length; i++) {
        row[i]! += ((i < pixelBytes ? 0 : row[i - pixelBytes]!) + above[i]!) >> 1;
      }
      return true;
    case 4:
      for (let i = 0; i < length; i++) {
        const [left, corner] = i < pixelBytes ? [0, 0] : [row[i - pixelBytes]!, above[i - pixelBytes]!];
        row[i]! += paeth(left, above[i]!, corner);
      }
      return true;
    default:
      return false;
  }
}

/** Whichever neighbour is nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function unpackRow(
  layout: PngLayout,
  pass: PngPass,
  row: number,
  bytes: Uint8Array,
  samples: Uint16Array,
): void {
  const { depth, samples: perPixel, width } = layout;
  const line = (pass.y + row * pass.stepY) * width;
  const mask = 2 ** depth - 1;
  for (let i = 0; i < pass.width * perPixel; i++) {
    const column = pass.x + Math.floor(i / perPixel) * pass.stepX;
    const to = (line + column) * perPixel + (i % perPixel);
    if (depth === 8) samples[to] = bytes[i]!;
    else if (depth === 16) samples[to] = (bytes[2 * i]! << 8) | bytes[2 * i + 1]!;
    else {
      const bit = i * depth;
      samples[to] = (bytes[bit >> 3]! >> (8 - depth - (bit & 7))) & mask;
    }
  }
}
