/**
 * Antialiased bilinear resizing of bytes: every new pixel is a mean of the old ones under a
 * triangle as wide as the scale, horizontally first. The arithmetic, in integers with 22
 * fractional bits, is Pillow's (Resample.c), so the bits are those of `Image.resize(BILINEAR)`.
 *
 * Invariant: work and memory grow with the image and the part asked for, not with the size
 * that the whole would have.
 */

/** A plane resized to `fullHeight` x `fullWidth`, of which only a part is computed. */
export interface Window {
  readonly fullHeight: number;
  readonly fullWidth: number;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

export interface Plane {
  readonly height: number;
  readonly width: number;
  /** Row by row. */
  readonly data: Uint8Array;
}

const fractionBits = 22;

/** The window's pixels, row by row. */
export function resample(plane: Plane, window: Window): Uint8Array {
  const columns = weigh(plane.width, window.fullWidth, window.left, window.width);
  const rows = weigh(plane.height, window.fullHeight, window.top, window.height);
  const firstRow = rows.first[0]!;
  const rowCount = rows.first.at(-1)! + rows.counts.at(-1)! - firstRow;

  const between = new Uint8Array(rowCount * window.width);
  for (let y = 0; y < rowCount; y++) {
    const from = { data: plane.data, at: (firstRow + y) * plane.width, step: 1 };
    weighLine(columns, from, between, y * window.width, 1);
  }
  const result = new Uint8Array(window.height * window.width);
  for (let x = 0; x < window.width; x++) {
    const from = { data: between, at: x - firstRow * window.width, step: window.width };
    weighLine(rows, from, result, x, window.width);
  }
  return result;
}

/** For each new pixel: the first old one under its triangle, how many there are, and their weights. */
interface Weights {
  readonly first: Int32Array;
  readonly counts: Int32Array;
  /** One pixel's after the other's. */
  readonly weights: Int32Array;
}

function weigh(size: number, fullSize: number, from: number, count: number): Weights {
  const scale = size / fullSize;
  const support = Math.max(scale, 1);
  const most = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * Math.min(most, size));
  let at = 0;
  for (let i = 0; i < count; i++) {
    const centre = (from + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(size, Math.trunc(centre + support + 0.5));
    const triangle = (x: number): number => Math.max(0, 1 - Math.abs((x - centre + 0.5) * (1 / support)));
    let total = 0;
    for (let x = low; x < high; x++) total += triangle(x);
    first[i] = low;
    counts[i] = high - low;
    for (let x = low; x < high; x++)
      weights[at++] = Math.floor((triangle(x) / total) * 2 ** fractionBits + 0.5);
  }
  return { first, counts, weights };
}

/** Pixels `step` apart; `at` is where the first of the line would stand. */
interface Line {
  readonly data: Uint8Array;
  readonly at: number;
  readonly step: number;
}

/** A new line: every pixel the sum of old ones by their weights. */
function weighLine(weights: Weights, from: Line, into: Uint8Array, start: number, stride: number): void {
  const { first, counts, weights: factors } = weights;
  const { data, at, step } = from;
  let next = 0;
  for (let i = 0; i < counts.length; i++) {
    let position = at + first[i]! * step;
    let sum = 1 << (fractionBits - 1);
    for (let left = counts[i]!; left > 0; left--) {
      sum += data[position]! * factors[next++]!;
      position += step;
    }
    const value = sum >> fractionBits;
    into[start + i * stride] = value > 255 ? 255 : value;
  }
}
